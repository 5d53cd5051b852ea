// What `flosync watch …` does, whatever is watched: prints each update as a line, goes on over breaks, and names the
// place to go on from when it ends.
//
// `Lines` says how an update is written (figure_lines.h is one), with
//
//   using Watch = …;                                     // of client/watch.h
//   static constexpr std::string_view kCsvHeader;        // the columns after revision and initial_state
//   static std::string Csv(const Update& update);        // those columns
//   static std::string Text(const Update& update, bool colours);  // for people, without the time
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "client/watch.h"
#include "daemon/cli/client.h"
#include "daemon/cli/command.h"
#include "daemon/cli/json.h"
#include "daemon/cli/output.h"
#include "daemon/cli/signal_guard.h"
#include "domain/text.h"

namespace flosync {

struct WatchFlags {
  ClientOptions client;
  client::WatchOptions watch;
  int64_t count = 0;  // 0 = no end
};

template <typename Lines>
class WatchRun {
  using Watch = typename Lines::Watch;
  using Event = typename Watch::Event;

 public:
  WatchRun(const WatchFlags& flags, const typename Watch::Request& request, CommandContext& context)
      : flags_(flags),
        context_(context),
        asked_token_(request.resume_token()),
        token_(asked_token_),
        watch_(Connect(flags.client), flags.client, request, flags.watch) {
    guard_.OnSignal([this] { watch_.Cancel(); });
  }
  ~WatchRun() { guard_.OnSignal(nullptr); }
  WatchRun(const WatchRun&) = delete;
  WatchRun& operator=(const WatchRun&) = delete;

  void Run() {
    if (flags_.client.output == OutputFormat::kCsv)
      context_.out << "revision,initial_state," << Lines::kCsvHeader << '\n' << std::flush;
    while (!Enough()) {
      const auto event = watch_.Next();
      if (!event) break;
      Take(*event);
    }
    if (!Enough() && !guard_.stopped()) FailCall(context_, watch_.status(), flags_.client);
    // Printed on every way out: it is what makes the end no loss.
    if (token_ != asked_token_) Note(context_, Join("go on from here with --resume-token ", token_));
  }

 private:
  // All that was wanted has been printed, or nobody reads any more.
  [[nodiscard]] bool Enough() const { return (flags_.count > 0 && printed_ >= flags_.count) || !context_.out; }

  void Take(const Event& event) {
    switch (event.kind) {
      case client::WatchEventKind::kInterrupted:
        return NoteInterrupted(event.why);
      case client::WatchEventKind::kStateLost:
        return Note(context_, Join(DescribeFailure(event.why, flags_.client), "; beginning anew"));
      case client::WatchEventKind::kProgress:
      case client::WatchEventKind::kInitialState:
      case client::WatchEventKind::kChanges:
        heard_ = true;
        PrintAll(event);
    }
  }

  // The token moves with the last update of a revision: a watch that ends in between repeats the revision, it loses
  // nothing.
  void PrintAll(const Event& event) {
    for (int i = 0; i < event.updates.size() && !Enough(); ++i) {
      const bool last = i + 1 == event.updates.size();
      if (last) token_ = event.resume_token;
      Print(event, event.updates.Get(i), last);
      ++printed_;
    }
    if (event.updates.empty()) token_ = event.resume_token;
    context_.out.flush();
  }

  void Print(const Event& event, const typename Watch::Update& update, bool last) {
    const bool initial = event.kind == client::WatchEventKind::kInitialState;
    switch (flags_.client.output) {
      case OutputFormat::kTable:
        context_.out << Paint(FormatOslo(Now()), Colour::kDim, context_.colours) << "  "
                     << Lines::Text(update, context_.colours) << '\n';
        return;
      case OutputFormat::kCsv:
        context_.out << event.revision << (initial ? ",true," : ",false,") << Lines::Csv(update) << '\n';
        return;
      case OutputFormat::kJson:
        // The revision's own members, then those of the update.
        context_.out << "{\"resume_token\":" << JsonQuoted(token_) << ",\"revision\":" << event.revision
                     << ",\"revision_complete\":" << (last ? "true" : "false")
                     << ",\"initial_state\":" << (initial ? "true" : "false") << ','
                     << JsonText(update, JsonStyle::kOneLine).substr(1) << '\n';
    }
  }

  void NoteInterrupted(const grpc::Status& why) {
    const std::string lost = Join("lost the daemon at ", flags_.client.address);
    Note(context_, Join(heard_ ? lost : DescribeFailure(why, flags_.client), "; trying again"));
  }

  static Instant Now() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return {std::chrono::duration_cast<std::chrono::milliseconds>(now).count()};
  }

  const WatchFlags& flags_;
  CommandContext& context_;
  const std::string asked_token_;
  std::string token_;
  SignalGuard guard_;  // before the first call
  Watch watch_;
  int64_t printed_ = 0;
  bool heard_ = false;
};

}  // namespace flosync
