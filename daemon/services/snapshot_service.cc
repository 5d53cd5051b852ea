#include "daemon/services/snapshot_service.h"

#include <string>
#include <vector>

#include "daemon/services/convert.h"
#include "daemon/services/find_snapshot.h"
#include "daemon/services/paced_stream.h"
#include "daemon/services/watch_stream.h"
#include "daemon/services/watched_snapshots.h"
#include "state/geography/stored_tables.h"
#include "state/snapshots/public_export.h"
#include "state/snapshots/snapshot.h"
#include "state/store/keys.h"

namespace flosync {
namespace {

constexpr int kMaxRowsPerMessage = 500;

// Sends a snapshot's rows. A snapshot never changes, so each step reads on in a View of its own and holds none.
class SnapshotStream final : public PacedStream {
 public:
  SnapshotStream(const ServiceSupport& support, std::unique_ptr<StreamHub::Place> place,
                 v1::ReadSnapshotRequest request)
      : PacedStream(support.hub, support.streams, std::move(place)), support_(support), request_(std::move(request)) {}

 private:
  Step Next(bool may_wait, grpc::ByteBuffer& wire, grpc::Status& status) override {
    if (!may_wait) return Step::kAgain;
    v1::ReadSnapshotResponse message;
    const View view(support_.publication->store());
    status = open_ ? grpc::Status::OK : Open(view, message);
    if (status.ok()) status = AddRows(view, message);
    if (!status.ok()) return Step::kFinish;
    ApplyReadMask(request_, message);
    if (!message.has_snapshot() && message.rows().empty()) return Step::kFinish;
    wire = WireOf(message);
    return Step::kWrite;
  }
  void Release() override { chunk_.clear(); }

  grpc::Status Open(const View& view, v1::ReadSnapshotResponse& message) {
    open_ = true;
    grpc::Status found = FindAskedSnapshot(view, support_.publication->geography(), request_.reference_date(),
                                           request_.edition(), header_);
    if (found.ok()) Convert(header_, message.mutable_snapshot());
    return found.ok() && request_.for_public() ? LoadForPublic(view) : found;
  }

  // All of it at once: whether a row may be shown depends on others.
  grpc::Status LoadForPublic(const View& view) {
    const auto tables = LoadVintage(view, header_.reference_tables_hash);
    if (!tables.ok()) return FromStatus(tables.status());
    const auto frame = (*tables)->Frame(header_.structure_date, header_.reference_date.year());
    if (!frame.ok()) return FromStatus(frame.status());
    auto rows = SnapshotRows(view, header_);
    if (!rows.ok()) return FromStatus(rows.status());
    chunk_ = ForPublic(*std::move(rows), *frame);
    return grpc::Status::OK;
  }

  grpc::Status AddRows(const View& view, v1::ReadSnapshotResponse& message) {
    while (message.rows_size() < kMaxRowsPerMessage) {
      if (row_ == chunk_.size()) {
        const absl::Status loaded = LoadNextChunk(view);
        if (!loaded.ok()) return FromStatus(loaded);
        if (chunk_.empty()) return CheckComplete();
      }
      Convert(chunk_[row_++], message.add_rows());
      ++sent_;
    }
    return grpc::Status::OK;
  }

  // No rows afterwards = there are no more.
  absl::Status LoadNextChunk(const View& view) {
    const bool all_at_once = request_.for_public();
    chunk_.clear();
    row_ = 0;
    if (all_at_once) return absl::OkStatus();
    auto rows = ReadChunk(view, header_, next_chunk_);
    if (!rows.ok()) return rows.status();
    chunk_ = *std::move(rows);
    ++next_chunk_;
    return absl::OkStatus();
  }

  // A reader must not take a damaged snapshot for a whole one.
  [[nodiscard]] grpc::Status CheckComplete() const {
    if (sent_ == header_.row_count) return grpc::Status::OK;
    return FromStatus(
        absl::DataLossError("the snapshot lacks rows; restore a backup or rebuild the state from the sources"));
  }

  const ServiceSupport support_;
  const v1::ReadSnapshotRequest request_;
  bool open_ = false;
  SnapshotHeader header_;
  int32_t next_chunk_ = 0;
  std::vector<IndicatorRow> chunk_;
  size_t row_ = 0;
  int64_t sent_ = 0;
};

}  // namespace

grpc::Status SnapshotServer::List(const v1::ListSnapshotsRequest& request, v1::ListSnapshotsResponse& response) const {
  Page page;
  if (grpc::Status read =
          ReadPage(TokenKind::kSnapshotPage, "", request.page_size(), request.page_token(), support_.list_pages, page);
      !read.ok()) {
    return read;
  }
  const View view(support_.publication->store());
  const auto headers = flosync::ListSnapshots(view);
  if (!headers.ok()) return FromStatus(headers.status());
  std::string last_key;
  for (const SnapshotHeader& header : *headers) {
    std::string key = SnapshotHeaderKey(header.reference_date, header.edition);
    if (key <= page.after_key) continue;
    if (response.snapshots_size() == page.entries) {
      response.set_next_page_token(WritePageToken(TokenKind::kSnapshotPage, "", last_key));
      break;
    }
    Convert(header, response.add_snapshots());
    last_key = std::move(key);
  }
  return grpc::Status::OK;
}

grpc::ServerUnaryReactor* SnapshotServer::ListSnapshots(grpc::CallbackServerContext* context,
                                                        const v1::ListSnapshotsRequest* request,
                                                        v1::ListSnapshotsResponse* response) {
  return Answer(support_, context, request, response, [this, request, response] { return List(*request, *response); });
}

grpc::ServerUnaryReactor* SnapshotServer::GetSnapshot(grpc::CallbackServerContext* context,
                                                      const v1::GetSnapshotRequest* request,
                                                      v1::GetSnapshotResponse* response) {
  return Answer(support_, context, request, response, [this, request, response] {
    const View view(support_.publication->store());
    SnapshotHeader header;
    grpc::Status found = FindAskedSnapshot(view, support_.publication->geography(), request->reference_date(),
                                           request->edition(), header);
    if (found.ok()) Convert(header, response->mutable_snapshot());
    return found;
  });
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* SnapshotServer::ReadSnapshot(grpc::CallbackServerContext* context,
                                                                         const grpc::ByteBuffer* request) {
  grpc::Status refusal;
  Caller caller;
  v1::ReadSnapshotRequest asked;
  auto place = AdmitStream(support_, *context, *request, asked, caller, refusal);
  if (refusal.ok()) refusal = CheckReadMask(asked, *v1::ReadSnapshotResponse::descriptor());
  // gRPC owns what is returned: both kinds of stream let go of themselves in OnDone.
  if (!refusal.ok()) return new RefusedStream(refusal);
  const auto stream = std::make_shared<SnapshotStream>(support_, std::move(place), std::move(asked));
  stream->Start(caller.expires);
  return stream.get();
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* SnapshotServer::WatchSnapshots(grpc::CallbackServerContext* context,
                                                                           const grpc::ByteBuffer* request) {
  return Watch<WatchedSnapshots>(support_, *context, *request);
}

}  // namespace flosync
