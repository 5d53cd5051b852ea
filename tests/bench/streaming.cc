#include "tests/bench/streaming.h"

#include <filesystem>
#include <fstream>

#include "domain/text.h"

namespace flosync::bench {
namespace {

// As load_client.cc writes them.
struct Arrival {
  int64_t revision = 0;
  int64_t at_ns = 0;
};

std::vector<Arrival> ReadArrivals(LoadProcess& clients) {
  const TempDirectory directory;
  const std::string path = directory.path() + "/arrivals";
  clients.Ask("arrivals " + path, "arrivals");
  std::vector<Arrival> arrivals(std::filesystem::file_size(path) / sizeof(Arrival));
  std::ifstream(path, std::ios::binary)
      .read(reinterpret_cast<char*>(arrivals.data()), static_cast<std::streamsize>(arrivals.size() * sizeof(Arrival)));
  return arrivals;
}

// Reads what the daemon sends to a watcher of all figures who goes on after `token` (empty: from now on), up to the
// revision. The first message is progress.
WatchMessages ReadMessages(BenchDaemon& daemon, const std::string& token, int64_t up_to) {
  const auto stub = v1::IndicatorService::NewStub(daemon.channel());
  grpc::ClientContext context;
  v1::WatchIndicatorsRequest request;
  request.set_resume_token(token);
  const auto stream = stub->WatchIndicators(&context, request);
  WatchMessages messages;
  v1::WatchIndicatorsResponse message;
  while (stream->Read(&message)) {
    messages.push_back(message);
    if (message.revision() >= up_to && (message.progress() || message.revision_complete())) break;
  }
  context.TryCancel();
  (void)stream->Finish();
  return messages;
}

}  // namespace

std::string GoalText(std::string_view goal, bool met) { return Join(goal, met ? ": met" : ": MISSED"); }

std::unique_ptr<LoadProcess> Connect(const std::string& address, const Watching& watching, const std::string& token) {
  std::vector<std::string> words = {"watch", address, std::to_string(watching.watchers),
                                    std::to_string(watching.stalled), std::to_string(watching.on_a_connection)};
  if (!token.empty()) words.push_back(token);
  auto clients = std::make_unique<LoadProcess>(words);
  clients->Await("connected");
  return clients;
}

std::unique_ptr<LoadProcess> Watch(const std::string& address, const Watching& watching) {
  auto clients = Connect(address, watching);
  clients->Ask("go", "open");
  return clients;
}

double AwaitRevision(LoadProcess& clients, int64_t revision) {
  return clients.Ask(Join("until ", revision), "reached").at("seconds");
}

std::vector<int64_t> Latencies(LoadProcess& clients, const std::map<int64_t, int64_t>& sent_at, int64_t first,
                               int64_t last) {
  std::vector<int64_t> latencies;
  for (const Arrival& arrival : ReadArrivals(clients)) {
    const auto sent = sent_at.find(arrival.revision);
    if (sent == sent_at.end() || arrival.revision <= first || arrival.revision > last) continue;
    latencies.push_back(arrival.at_ns - sent->second);
  }
  return latencies;
}

std::string TokenNow(BenchDaemon& daemon) { return ReadMessages(daemon, "", 0).front().resume_token(); }

WatchMessages UpdatesSince(BenchDaemon& daemon, const std::string& token) {
  WatchMessages messages = ReadMessages(daemon, token, daemon.status()->revision);
  std::erase_if(messages, [](const auto& message) { return message.updates_size() == 0; });
  return messages;
}

}  // namespace flosync::bench
