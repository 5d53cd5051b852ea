// How commands speak to a daemon, by client/: the options they share, pages, and what to say when it fails.
//
//   ClientOptions options;
//   auto stub = v1::SyncService::NewStub(Connect(options));
//   v1::GetSyncStatusResponse answer;
//   grpc::Status status = Call(*stub, &v1::SyncService::Stub::GetSyncStatus, {}, answer, options);
//   if (!status.ok()) FailCall(context, status, options);
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include <CLI/CLI.hpp>
#include <google/protobuf/message.h>
#include <grpcpp/grpcpp.h>

#include "client/call.h"
#include "client/connection.h"
#include "daemon/cli/command.h"
#include "daemon/cli/output.h"

namespace flosync {

struct ClientOptions : client::Options {
  OutputFormat output = OutputFormat::kTable;
};

using client::Call;
using client::Connect;

// Adds --address, --output, --timeout-ms and the flags of TLS, token and purpose; for the latter environment variables
// of like name stand in: FLOSYNC_TLS_CA and so on. `options` must live as long as the command.
void AddClientOptions(CLI::App& command, ClientOptions& options);

// What went wrong and what to do, in one line.
[[nodiscard]] std::string DescribeFailure(const grpc::Status& status, const ClientOptions& options);
// Says it and sets the exit code: an argument that the daemon does not know is a mistake of usage like any other.
void FailCall(CommandContext& context, const grpc::Status& status, const ClientOptions& options);

// How many of the things that come in pages are wanted.
struct Paging {
  int64_t limit = 0;  // 0 = all
  int32_t largest_page = 1000;
};

// Clears the messages in `all` that are no lists: each page says them alike, and merging would repeat the lists in
// them.
void ClearSingular(google::protobuf::Message& all);

// Asks for page after page and merges them into `all`, until `paging.limit` elements are there or there are no more; a
// limit that cuts leaves its next_page_token in `all`. `count` tells how many elements a response holds.
template <typename Stub, typename Request, typename Response, typename Count>
[[nodiscard]] grpc::Status CallPages(Stub& stub,
                                     grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                                     Request request, Response& all, const Paging& paging, const ClientOptions& options,
                                     Count count) {
  while (true) {
    int32_t size = paging.largest_page;
    if (paging.limit > 0) size = static_cast<int32_t>(std::min<int64_t>(size, paging.limit - count(all)));
    request.set_page_size(size);
    Response page;
    grpc::Status status = Call(stub, method, request, page, options);
    if (!status.ok()) return status;
    const bool no_progress = count(page) == 0 || page.next_page_token() == request.page_token();
    ClearSingular(all);
    all.MergeFrom(page);
    all.set_next_page_token(page.next_page_token());
    if (page.next_page_token().empty() || (paging.limit > 0 && count(all) >= paging.limit)) return status;
    // Pages that bring nothing would go on for ever.
    if (no_progress)
      return {grpc::StatusCode::INTERNAL, "the daemon's pages lead nowhere; report this with the daemon's log"};
    request.set_page_token(page.next_page_token());
  }
}

}  // namespace flosync
