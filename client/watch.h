// A watch that outlives connections and daemons: every change once, in order, revision by revision.
//
//   client::IndicatorWatch watch(client::Connect(options), options, request, {.begin_anew = true});
//   while (auto event = watch.Next()) {
//     if (event->kind == client::WatchEventKind::kInitialState) mirror.ReplaceAll(event->updates);
//     if (event->kind == client::WatchEventKind::kChanges) mirror.Apply(event->updates);
//     mirror.Keep(event->resume_token);  // together with what was applied: where the next watch goes on
//   }
//   watch.status();  // why there is no more
//
// Operation: opens the stream, keeps the updates of a revision until its last message, and hands them out together. A
// stream that breaks is opened again with the last token, after a pause that grows; what was kept of a revision stays,
// as the daemon goes on with exactly the next update. An initial state that broke off is read again from its beginning.
// Nothing is skipped or repeated without being said: where the daemon no longer has what comes next (IsPlaceLost), the
// watch ends with that error, or, if the options allow it, says so (kStateLost) and begins anew with the whole state.
// Concurrency: Next and status by one thread, Cancel by any.
// Limitations: a first request with a token from within a revision gives the rest of that revision only; tokens of
// events are never such.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include <google/protobuf/repeated_ptr_field.h>
#include <grpcpp/grpcpp.h>

#include "client/connection.h"
#include "client/stream_call.h"
#include "client/watch_session.h"

#include "flosync/v1/alert_service.grpc.pb.h"
#include "flosync/v1/doctor_service.grpc.pb.h"
#include "flosync/v1/indicator_service.grpc.pb.h"
#include "flosync/v1/snapshot_service.grpc.pb.h"

namespace flosync::client {

enum class WatchEventKind : uint8_t {
  kInitialState,  // everything that matches at `revision`: what was known before is to be forgotten
  kChanges,       // all that changed with `revision`
  kProgress,      // all up to `revision` has been handed out; 0 = nothing yet, an initial state is to come
  kInterrupted,   // the stream broke (`why`); the daemon is being looked for. Once for each break
  kStateLost,     // the place in the stream is gone (`why`); the initial state follows
};

template <typename Update>
struct WatchEvent {
  WatchEventKind kind = WatchEventKind::kProgress;
  int64_t revision = 0;
  google::protobuf::RepeatedPtrField<Update> updates;
  std::string resume_token;  // after this event; empty with kInterrupted and kStateLost
  grpc::Status why;
};

// What a PrepareAsync… member of a generated stub says about its method.
template <auto kPrepare>
struct WatchMethod;
template <typename StubType, typename RequestType, typename ResponseType,
          std::unique_ptr<grpc::ClientAsyncReader<ResponseType>> (StubType::*kPrepare)(
              grpc::ClientContext*, const RequestType&, grpc::CompletionQueue*)>
struct WatchMethod<kPrepare> {
  using Stub = StubType;
  using Request = RequestType;
  using Response = ResponseType;
  using Update = std::remove_cvref_t<decltype(std::declval<const ResponseType&>().updates(0))>;
};

template <auto kPrepare>
class Watch {
 public:
  using Request = typename WatchMethod<kPrepare>::Request;
  using Response = typename WatchMethod<kPrepare>::Response;
  using Update = typename WatchMethod<kPrepare>::Update;
  using Event = WatchEvent<Update>;

  // Nothing is asked before the first Next. `connection` tells credentials and how long to wait for the first message.
  Watch(std::shared_ptr<grpc::ChannelInterface> channel, Options connection, Request request,
        const WatchOptions& options)
      : connection_(std::move(connection)),
        options_(options),
        stub_(std::move(channel)),
        request_(std::move(request)),
        session_(options) {}

  // What comes next, however long that takes. Nothing: the watch has ended, see status.
  [[nodiscard]] std::optional<Event> Next() {
    while (!ended_) {
      Response message;
      if (ReadMessage(message)) {
        if (auto event = Take(std::move(message))) return event;
      } else if (!ended_) {
        if (auto event = Break(call_->Finish())) return event;
      }
    }
    return std::nullopt;
  }
  // Why it ended: CANCELLED after Cancel, else an error. OK while it lasts.
  [[nodiscard]] const grpc::Status& status() const { return status_; }
  // Next then ends soon, also one that is waiting.
  void Cancel() { session_.Cancel(); }

 private:
  // The next message of the stream, which is opened if there is none. False: it has ended, or could not be asked for.
  bool ReadMessage(Response& message) {
    std::chrono::milliseconds at_most(options_.silence_ms);
    if (!call_) {
      session_.Pause();
      // A daemon that is there says at once where it stands.
      at_most = std::chrono::milliseconds(connection_.timeout_ms);
      if (!Open(at_most)) return false;
    }
    if (!call_->Read(message, at_most)) return false;
    session_.Heard();
    return true;
  }

  bool Open(std::chrono::milliseconds at_most) {
    call_ = std::make_unique<StreamCall<Response>>();
    if (grpc::Status added = AddCredentials(call_->context(), connection_); !added.ok()) {
      End(added);
      return false;
    }
    session_.Attach(&call_->context());
    const auto prepare = [this](grpc::ClientContext* context, grpc::CompletionQueue* queue) {
      return (stub_.*kPrepare)(context, request_, queue);
    };
    return call_->Start(prepare, at_most);
  }

  std::optional<Event> Take(Response message) {
    request_.set_resume_token(message.resume_token());
    if (message.progress()) {
      // A stream that goes on within a revision opens with the one before.
      if (kept_) return std::nullopt;
      return Event{.kind = WatchEventKind::kProgress,
                   .revision = message.revision(),
                   .updates = {},
                   .resume_token = message.resume_token(),
                   .why = {}};
    }
    if (!Keep(message)) return std::nullopt;
    kept_->resume_token = message.resume_token();
    return std::exchange(kept_, std::nullopt);
  }

  // Adds the updates to those of their revision; true when it is complete.
  bool Keep(Response& message) {
    const auto kind = message.initial_state() ? WatchEventKind::kInitialState : WatchEventKind::kChanges;
    if (!kept_) {
      kept_ = Event{.kind = kind, .revision = message.revision(), .updates = {}, .resume_token = {}, .why = {}};
      kept_bytes_ = 0;
    }
    if (kept_->revision != message.revision() || kept_->kind != kind) {
      End({grpc::StatusCode::INTERNAL, "the daemon left a revision incomplete; report this with the daemon's log"});
      return false;
    }
    kept_bytes_ += static_cast<int64_t>(message.ByteSizeLong());
    if (kept_bytes_ > (int64_t{options_.revision_mib} << 20)) {
      End({grpc::StatusCode::RESOURCE_EXHAUSTED,
           "a revision is larger than this watch may keep; narrow the filter, or allow it more (revision_mib)"});
      return false;
    }
    for (Update& update : *message.mutable_updates()) kept_->updates.Add(std::move(update));
    return message.revision_complete();
  }

  // The stream has ended: what to say about it.
  std::optional<Event> Break(const grpc::Status& why) {
    Close();
    if (session_.cancelled()) {
      End({grpc::StatusCode::CANCELLED, "the watch was cancelled"});
      return std::nullopt;
    }
    // A token from within an initial state starts it again.
    if (kept_ && kept_->kind == WatchEventKind::kInitialState) kept_.reset();
    if (options_.begin_anew && IsPlaceLost(why)) {
      kept_.reset();
      request_.clear_resume_token();
      request_.set_initial_state(true);
      (void)session_.Lost(why);
      return Said(WatchEventKind::kStateLost, why);
    }
    if (!session_.MayReconnect(why)) {
      End(why);
      return std::nullopt;
    }
    if (!session_.Lost(why)) return std::nullopt;
    return Said(WatchEventKind::kInterrupted, why);
  }

  static Event Said(WatchEventKind kind, const grpc::Status& why) {
    return {.kind = kind, .revision = 0, .updates = {}, .resume_token = {}, .why = why};
  }

  void Close() {
    session_.Attach(nullptr);
    call_.reset();
  }

  void End(const grpc::Status& why) {
    Close();
    kept_.reset();
    ended_ = true;
    status_ = why;
  }

  const Options connection_;
  const WatchOptions options_;
  typename WatchMethod<kPrepare>::Stub stub_;
  Request request_;  // with the token from which the stream goes on
  WatchSession session_;
  std::unique_ptr<StreamCall<Response>> call_;  // nothing = to be opened
  std::optional<Event> kept_;                   // a revision of which more is to come
  int64_t kept_bytes_ = 0;
  bool ended_ = false;
  grpc::Status status_;
};

using IndicatorWatch = Watch<&v1::IndicatorService::Stub::PrepareAsyncWatchIndicators>;
using AlertWatch = Watch<&v1::AlertService::Stub::PrepareAsyncWatchAlerts>;
using DoctorWatch = Watch<&v1::DoctorService::Stub::PrepareAsyncWatchDoctors>;
using SnapshotWatch = Watch<&v1::SnapshotService::Stub::PrepareAsyncWatchSnapshots>;

}  // namespace flosync::client
