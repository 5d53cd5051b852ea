#include "daemon/services/server.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "grpc/health/v1/health.pb.h"
#include <absl/synchronization/mutex.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>

#include "daemon/backups.h"
#include "daemon/config.h"
#include "daemon/services/alert_service.h"
#include "daemon/services/area_figures.h"
#include "daemon/services/call_counter.h"
#include "daemon/services/connection_acceptor.h"
#include "daemon/services/credentials.h"
#include "daemon/services/deviation_service.h"
#include "daemon/services/doctor_service.h"
#include "daemon/services/feed_reader.h"
#include "daemon/services/frames.h"
#include "daemon/services/indicator_service.h"
#include "daemon/services/paced_counts.h"
#include "daemon/services/past_figures.h"
#include "daemon/services/patient_list_service.h"
#include "daemon/services/snapshot_service.h"
#include "daemon/services/store_moment.h"
#include "daemon/services/stream_hub.h"
#include "daemon/services/sync_service.h"
#include "daemon/services/workers.h"
#include "domain/text.h"

namespace flosync {
namespace {

constexpr int32_t kDefaultFigurePageRows = 1000;
constexpr int32_t kDefaultListPageEntries = 100;
// Each takes about a second of the national register; more are told to come again.
constexpr size_t kMaxQueuedPastCalls = 16;
// Answered one by one, some milliseconds each.
constexpr size_t kMaxQueuedStatusCalls = 64;
// One is made at a time; who asks meanwhile is told to come again.
constexpr size_t kMaxQueuedBackups = 1;
// One thread reads refused records again, the other answers whoever asks meanwhile.
constexpr int kRedriveThreads = 2;
constexpr size_t kMaxQueuedRedrives = 16;
// Of a connection, beside its streams; more wait until others have ended.
constexpr int kMaxCallsPerConnection = 100;
constexpr int kHandshakeTimeoutMs = 10'000;
constexpr int kMaxReflectionThreads = 16;

// The names that health is told of; "" is the server as a whole.
constexpr std::array<std::string_view, 8> kHealthNames = {"",
                                                          "flosync.v1.IndicatorService",
                                                          "flosync.v1.SnapshotService",
                                                          "flosync.v1.DoctorService",
                                                          "flosync.v1.PatientListService",
                                                          "flosync.v1.DeviationService",
                                                          "flosync.v1.AlertService",
                                                          "flosync.v1.SyncService"};

// Switches of the library for servers built from now on.
void SwitchOnExtras() {
  static std::once_flag once;
  std::call_once(once, [] {
    grpc::EnableDefaultHealthCheckService(true);
    // A search for deadlocks at each lock that gRPC takes, left on in Debian's build, under one lock for all threads.
    absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    // Reflection describes what is linked in; the library's own health service brings no description along.
    static_cast<void>(grpc::health::v1::HealthCheckRequest::descriptor());
  });
}

// Files that come and go meanwhile may be counted or not.
int64_t BytesBelow(const std::string& directory) {
  int64_t bytes = 0;
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator it(directory, error), end; !error && it != end;
       it.increment(error)) {
    std::error_code gone;
    if (it->is_regular_file(gone)) {
      const auto size = it->file_size(gone);
      if (!gone) bytes += static_cast<int64_t>(size);
    }
  }
  return bytes;
}

void SetLimits(const ServerOptions& options, grpc::ServerBuilder& builder) {
  const auto milliseconds = [](std::chrono::milliseconds time) { return static_cast<int>(time.count()); };
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, milliseconds(options.keepalive_interval));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, milliseconds(options.keepalive_timeout));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, milliseconds(options.idle_limit));
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, options.security.max_metadata_bytes);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, options.max_streams_per_client + kMaxCallsPerConnection);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, kHandshakeTimeoutMs);
  builder.SetMaxReceiveMessageSize(options.max_receive_message_bytes);
  // What is compressed could be a thousand times as large as the bound, which is looked at before it is inflated.
  for (const auto algorithm : {GRPC_COMPRESS_DEFLATE, GRPC_COMPRESS_GZIP}) {
    builder.SetCompressionAlgorithmSupportStatus(algorithm, false);
  }
  builder.AddChannelArgument(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
  // Only reflection takes threads of gRPC's own for as long as a client likes.
  builder.SetSyncServerOption(grpc::ServerBuilder::NUM_CQS, 1);
  builder.SetResourceQuota(grpc::ResourceQuota("flosync").SetMaxThreads(kMaxReflectionThreads));
}

ServiceSupport MakeSupport(const ServerOptions& options) {
  ServiceSupport support;
  support.figure_pages = {std::min(kDefaultFigurePageRows, options.max_figure_page_rows), options.max_figure_page_rows};
  support.list_pages = {std::min(kDefaultListPageEntries, options.max_list_page_entries),
                        options.max_list_page_entries};
  return support;
}

}  // namespace

// In the order in which they need each other; they go in the reverse order.
struct GrpcServer::Parts {
  Parts(const ServerOptions& options, std::unique_ptr<Gatekeeper> gate, Publication* published,
        WriterCommands* writer_commands)
      : gatekeeper(std::move(gate)),
        guard(gatekeeper.get()),
        publication(published),
        commands(writer_commands),
        frames(&published->geography()),
        hub({.max_streams = options.max_streams, .max_streams_per_client = options.max_streams_per_client}),
        calls(options.call_threads, static_cast<size_t>(options.max_queued_calls)),
        streams(options.stream_threads, 0),
        past(1, kMaxQueuedPastCalls),
        status(1, kMaxQueuedStatusCalls),
        backup_worker(1, kMaxQueuedBackups),
        backups(options.operations.backups),
        redrive_workers(kRedriveThreads, kMaxQueuedRedrives),
        redrive(options.operations.redrive),
        past_figures(publication),
        area_figures(&publication->live_plan()),
        support(Complete(MakeSupport(options))),
        indicators(support),
        snapshots(support),
        doctors(support),
        patient_lists(support),
        deviations(support, redrive, &redrive_workers),
        alerts(support),
        sync(support, published, options.operations, &backup_worker, FLOSYNC_VERSION) {}

  ServiceSupport Complete(ServiceSupport with_limits) {
    with_limits.guard = &guard;
    with_limits.publication = publication;
    with_limits.frames = &frames;
    with_limits.hub = &hub;
    with_limits.commands = commands;
    with_limits.calls = &calls;
    with_limits.streams = &streams;
    with_limits.past = &past;
    with_limits.status = &status;
    with_limits.past_figures = &past_figures;
    with_limits.area_figures = &area_figures;
    with_limits.shared_figures = &shared_figures;
    return with_limits;
  }

  // Tells health and streams of what has been published. On the writer's thread only the task is posted, and only one.
  void OnPublished() {
    if (told.exchange(true)) return;
    streams.Post([this] {
      told = false;
      ShowHealth();
      hub.WakeAll(streams);
    });
  }
  void ShowHealth() {
    const bool ready = publication->status()->ready;
    for (const std::string_view name : kHealthNames) {
      server->GetHealthCheckService()->SetServingStatus(std::string(name), ready);
    }
  }

  RequestCounts requests;
  const std::unique_ptr<Gatekeeper> gatekeeper;
  Guard guard;
  Publication* const publication;
  WriterCommands* const commands;
  Frames frames;
  StreamHub hub;
  Workers calls;
  Workers streams;
  Workers past;
  Workers status;
  Workers backup_worker;
  Backups* const backups;
  Workers redrive_workers;
  Redrive* const redrive;
  PastFigures past_figures;
  AreaFigures area_figures;
  SharedMessages shared_figures;
  const ServiceSupport support;
  IndicatorServer indicators;
  SnapshotServer snapshots;
  DoctorServer doctors;
  PatientListServer patient_lists;
  DeviationServer deviations;
  AlertServer alerts;
  SyncServer sync;
  PacedCounts open_alerts{CountOpenAlerts};
  std::string host;
  std::shared_ptr<grpc::ServerCredentials> credentials;
  std::unique_ptr<grpc::Server> server;
  std::unique_ptr<ConnectionAcceptor> acceptor;
  std::optional<int64_t> listener;
  std::atomic<bool> told = false;
  std::atomic<bool> shut_down = false;
};

GrpcServer::GrpcServer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

GrpcServer::~GrpcServer() { Shutdown(std::chrono::system_clock::now()); }

absl::Status GrpcServer::Build(const ServerOptions& options) {
  auto credentials = MakeCredentials(options.security);
  if (!credentials.ok()) return credentials.status();
  parts_->credentials = *std::move(credentials);
  auto acceptor = ConnectionAcceptor::Listen(options.address, options.connections);
  if (!acceptor.ok()) return acceptor.status();
  parts_->acceptor = *std::move(acceptor);
  SwitchOnExtras();
  grpc::ServerBuilder builder;
  SetLimits(options, builder);
  auto connections = builder.experimental().AddExternalConnectionAcceptor(
      grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD, parts_->credentials);
  for (grpc::Service* service : std::initializer_list<grpc::Service*>{
           &parts_->indicators, &parts_->snapshots, &parts_->doctors, &parts_->patient_lists, &parts_->deviations,
           &parts_->alerts, &parts_->sync}) {
    builder.RegisterService(service);
  }
  std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> interceptors;
  interceptors.push_back(MakeCallCounter(&parts_->requests));
  builder.experimental().SetInterceptorCreators(std::move(interceptors));
  parts_->server = builder.BuildAndStart();
  if (!parts_->server) return absl::UnavailableError("gRPC cannot begin to serve; its log lines say why");
  parts_->acceptor->Start(std::move(connections));
  return absl::OkStatus();
}

absl::Status GrpcServer::Listen(const ServerOptions& options, const std::string& host) {
  if (absl::Status built = Build(options); !built.ok()) return built;
  parts_->host = host;
  parts_->ShowHealth();
  parts_->listener = parts_->publication->AddListener([parts = parts_.get()] { parts->OnPublished(); });
  // What was published between the two lines above.
  parts_->OnPublished();
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<GrpcServer>> GrpcServer::Start(const ServerOptions& options, Publication* publication,
                                                              WriterCommands* commands) {
  if (absl::Status checked = CheckListenAddress(options.address, options.security); !checked.ok()) return checked;
  auto gate = Gatekeeper::Open(options.security, options.access_log);
  if (!gate.ok()) return gate.status();
  auto server = std::unique_ptr<GrpcServer>(
      new GrpcServer(std::make_unique<Parts>(options, *std::move(gate), publication, commands)));
  if (absl::Status listening = server->Listen(options, options.address.substr(0, options.address.rfind(':')));
      !listening.ok())
    return listening;
  return server;
}

int GrpcServer::port() const { return parts_->acceptor->port(); }

std::string GrpcServer::address() const { return Join(parts_->host, ":", port()); }

int32_t GrpcServer::open_streams() const { return parts_->hub.open(); }

std::shared_ptr<grpc::Channel> GrpcServer::InProcessChannel() {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);  // what is sent here stays within the process
  return parts_->server->InProcessChannel(arguments);
}

bool GrpcServer::serving() const { return parts_->publication->status()->ready && !parts_->shut_down; }

grpc::Status GrpcServer::Admit(const Arrival& arrival, std::string_view method) {
  return parts_->guard.Admit(arrival, method);
}

RequestCounts& GrpcServer::request_counts() { return parts_->requests; }

MetricsInput GrpcServer::Measure() {
  MetricsInput measured;
  parts_->sync.Tell(measured.status);
  measured.ready = serving();
  measured.commit_durations = parts_->publication->status()->commit_durations;
  measured.open_streams = open_streams();
  measured.requests = parts_->requests.Collect();
  const Store& store = parts_->publication->store();
  measured.store_bytes = BytesBelow(store.directory());
  const View view(store);
  if (const auto oldest = OldestFeedRevision(view); oldest.ok()) measured.oldest_feed_revision = *oldest;
  if (const auto moment = ReadStoreMoment(view); moment.ok()) {
    if (auto alerts = parts_->open_alerts.At(view, moment->revision); alerts.ok()) {
      measured.open_alerts = *std::move(alerts);
    }
  }
  return measured;
}

void GrpcServer::Shutdown(std::chrono::system_clock::time_point deadline) {
  if (parts_->shut_down.exchange(true)) return;
  if (parts_->backups != nullptr) parts_->backups->Stop();
  if (parts_->redrive != nullptr) parts_->redrive->Stop();
  if (parts_->server) {
    if (parts_->listener) parts_->publication->RemoveListener(*parts_->listener);
    parts_->acceptor->Stop();
    parts_->server->GetHealthCheckService()->Shutdown();
    parts_->hub.EndAll(MakeStatus(
        grpc::StatusCode::UNAVAILABLE, "the daemon is stopping; reconnect with the resume token of the last message",
        {.reason = "DAEMON_STOPPING", .metadata = {}, .violations = {}, .retry_after = std::chrono::seconds(1)}));
    parts_->server->Shutdown(deadline);
  }
  // No call is left that could post anything.
  parts_->calls.Stop();
  parts_->streams.Stop();
  parts_->past.Stop();
  parts_->status.Stop();
  parts_->backup_worker.Stop();
  parts_->redrive_workers.Stop();
}

}  // namespace flosync
