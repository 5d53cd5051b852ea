#include "daemon/rest/forward.h"

#include <utility>
#include <vector>

#include <grpcpp/generic/generic_stub.h>

#include "daemon/services/errors.h"
#include "domain/text.h"

namespace flosync {
namespace {

// A national snapshot takes a few.
constexpr size_t kMostAnswerBytes = size_t{64} << 20;

// Asked as a stream, whatever the method is: one message goes, those that come are put together. Deletes itself.
class Call final : public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  using Done = std::function<void(const grpc::Status&, std::string)>;

  Call(const std::shared_ptr<grpc::Channel>& channel, const ForwardedCall& call, Done done)
      : stub_(channel), done_(std::move(done)) {
    for (const auto& [name, value] : call.metadata) context_.AddMetadata(name, value);
    context_.set_deadline(call.deadline);
    const grpc::Slice slice(call.request);
    request_ = grpc::ByteBuffer(&slice, 1);
    stub_.PrepareBidiStreamingCall(&context_, Join("/", call.method), {}, this);
  }

  void Start() {
    StartWriteLast(&request_, {});
    StartRead(&message_);
    StartCall();
  }

 private:
  void OnReadDone(bool ok) override {
    if (!ok) return;  // there are no more
    std::vector<grpc::Slice> slices;
    if (!message_.Dump(&slices).ok()) return context_.TryCancel();
    for (const grpc::Slice& slice : slices) {
      response_.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
    }
    too_large_ = response_.size() > kMostAnswerBytes;
    if (too_large_) return context_.TryCancel();
    StartRead(&message_);
  }

  void OnDone(const grpc::Status& status) override {
    const std::unique_ptr<Call> self(this);
    if (too_large_) {
      return done_(Refusal(grpc::StatusCode::RESOURCE_EXHAUSTED, "ANSWER_TOO_LARGE",
                           "the answer has more than 64 MiB; ask for less, or over gRPC"),
                   {});
    }
    done_(status, std::move(response_));
  }

  grpc::GenericStub stub_;
  grpc::ClientContext context_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer message_;
  std::string response_;
  bool too_large_ = false;
  const Done done_;
};

}  // namespace

void Forward(const std::shared_ptr<grpc::Channel>& channel, const ForwardedCall& call,
             std::function<void(const grpc::Status& status, std::string response)> done) {
  auto begun = std::make_unique<Call>(channel, call, std::move(done));
  begun.release()->Start();
}

}  // namespace flosync
