#include "daemon/daemon.h"

#include <algorithm>
#include <string>
#include <utility>

#include <spdlog/spdlog.h>

#include "connectors/file/file_record_finder.h"
#include "connectors/file/file_source.h"
#include "connectors/kafka/kafka_record_finder.h"
#include "connectors/kafka/kafka_source.h"
#include "daemon/definition_files.h"
#include "daemon/epoch.h"
#include "domain/address.h"
#include "state/geography/stored_tables.h"

namespace flosync {
namespace {

constexpr int64_t kShutdownDeadlineMs = 5000;

absl::StatusOr<KafkaSourceOptions> KafkaOptions(const SourceConfig& config) {
  auto settings = ResolveSecrets(config.kafka.settings);
  if (!settings.ok()) return settings.status();
  KafkaSourceOptions options;
  options.brokers = config.kafka.brokers;
  options.group_id = config.kafka.group_id;
  options.topics.assign(config.kafka.topic_names.begin(), config.kafka.topic_names.end());
  options.client_settings = *std::move(settings);
  options.metadata_refresh_interval_ms = config.kafka.metadata_refresh_interval_ms;
  return options;
}

// The source, and what finds single records of it.
struct Sources {
  std::unique_ptr<RecordSource> source;
  std::unique_ptr<RecordFinder> finder;
};

absl::StatusOr<Sources> MakeSources(const SourceConfig& config) {
  Sources made;
  if (config.kind == SourceKind::kFiles) {
    made.source = std::make_unique<FileSource>(
        FileSourceOptions{.path = config.files.path,
                          .follow = config.files.follow,
                          .rescan_interval_ms = std::chrono::milliseconds(config.files.rescan_interval_ms)});
    made.finder = std::make_unique<FileRecordFinder>(config.files.path);
    return made;
  }
  const auto options = KafkaOptions(config);
  if (!options.ok()) return options.status();
  made.source = std::make_unique<KafkaSource>(*options);
  made.finder = std::make_unique<KafkaRecordFinder>(*options);
  return made;
}

// Half of the files are for the store, the sources and HTTP; no address gets more than half of the connections.
ConnectionLimits LimitsWith(int64_t max_open_files) {
  constexpr int64_t kMostConnections = 4096;
  const auto most = static_cast<int32_t>(std::clamp<int64_t>(max_open_files / 2, 16, kMostConnections));
  return {.most = most, .most_of_one_address = most / 2};
}

SyncOptions MakeSyncOptions(const Config& config) {
  SyncOptions options;
  options.alerts = config.alerts.thresholds;
  options.retention_days = config.history.retention_days;
  options.feed = {config.feed.retention_days, config.feed.retention_mib};
  options.files = config.source.kind == SourceKind::kFiles;
  if (config.sync.mode == SyncMode::kScheduled) {
    for (const LocalTime& time : config.sync.times) options.scheduled_minutes.push_back(time.hour * 60 + time.minute);
  }
  return options;
}

}  // namespace

absl::Status Daemon::Assemble(const Config& config, int64_t max_open_files) {
  auto store = Store::Open(config.state.directory);
  if (!store.ok()) return store.status();
  store_ = *std::move(store);
  auto geography = LoadGeography(View(*store_));
  if (!geography.ok()) return geography.status();
  geography_ = *std::move(geography);
  const Definitions* definitions = &Definitions::Shipped();
  if (!config.state.definitions.empty()) {
    auto loaded = LoadDefinitions(config.state.definitions);
    if (!loaded.ok()) return loaded.status();
    definitions_ = std::make_unique<const Definitions>(*std::move(loaded));
    definitions = definitions_.get();
  }
  auto core = Core::Open(store_.get(), geography_.get(), NewEpoch(), definitions);
  if (!core.ok()) return core.status();
  core_ = *std::move(core);
  for (const auto& [id, figures] : core_->dropped_definitions()) {
    spdlog::info("definition {} is published no more: {} live figures of it are deleted", id, figures);
  }
  core_->KeepResolvedAlerts(config.alerts.resolved_kept);
  publication_ = std::make_unique<Publication>(store_.get(), geography_.get(), definitions);
  auto sources = MakeSources(config.source);
  if (!sources.ok()) return sources.status();
  pipeline_ = std::make_unique<Pipeline>(std::move(sources->source), config.decoder(), config.sync.commit_max_records);
  redrive_ = std::make_unique<Redrive>(store_.get(), std::move(sources->finder), config.decoder(), &commands_);
  loop_ =
      std::make_unique<SyncLoop>(core_.get(), pipeline_.get(), publication_.get(), &commands_, MakeSyncOptions(config));
  if (absl::Status forwarding = ForwardDeadLetters(config); !forwarding.ok()) return forwarding;
  ServerOptions server;
  server.address = config.listen.grpc;
  server.security = config.security;
  server.access_log = AccessLogPath(config);
  server.max_streams = config.streams.max_streams;
  server.max_streams_per_client = config.streams.max_streams_per_client;
  server.connections = LimitsWith(max_open_files);
  server.operations.start_sync = [loop = loop_.get()] { return loop->StartSync(); };
  LookForBackups(config.backup);
  server.operations.backups = backups_.get();
  server.operations.redrive = redrive_.get();
  auto started = GrpcServer::Start(server, publication_.get(), &commands_);
  if (!started.ok()) return started.status();
  server_ = *std::move(started);
  if (absl::Status http = ServeHttp(config); !http.ok()) return http;
  auto opened = core_->clock() == Instant::Min() ? nullptr : std::make_unique<const View>(*store_);
  auditor_ = std::make_unique<Auditor>(publication_.get(), std::chrono::minutes(config.audit.interval_minutes),
                                       std::move(opened));
  return pipeline_->Start(core_->marks());
}

void Daemon::LookForBackups(const BackupConfig& config) {
  if (config.directory.empty()) return;
  backups_ = std::make_unique<Backups>(store_.get(),
                                       BackupOptions{.directory = config.directory, .kept = config.kept_backups});
  // A disk for backups that is away keeps nobody from being served.
  const auto there = ListBackups(config.directory);
  if (!there.ok()) spdlog::warn("backups cannot be looked at: {}", std::string(there.status().message()));
  if (there.ok() && !there->empty()) publication_->ShowBackup(there->back());
}

absl::Status Daemon::ForwardDeadLetters(const Config& config) {
  if (config.dead_letters.topic.empty()) return absl::OkStatus();
  auto settings = ResolveSecrets(config.source.kafka.settings);
  if (!settings.ok()) return settings.status();
  TopicWriterOptions options;
  options.brokers = config.source.kafka.brokers;
  options.topic = config.dead_letters.topic;
  options.client_settings = *std::move(settings);
  auto writer = TopicWriter::Open(std::move(options));
  if (!writer.ok()) return writer.status();
  dead_letter_topic_ = *std::move(writer);
  dead_letters_ = std::make_unique<DeadLetterForwarder>(
      config.state.directory,
      [this](const std::vector<TopicMessage>& letters) { return dead_letter_topic_->Write(letters); });
  dead_letters_->Start();
  return absl::OkStatus();
}

absl::Status Daemon::ServeHttp(const Config& config) {
  const std::string& address = config.listen.http;
  if (address.empty()) return absl::OkStatus();
  if (absl::Status checked = CheckListenAddress(address, config.security); !checked.ok()) return checked;
  HttpOptions options;
  options.address = address;
  options.tls = config.security.tls;
  options.max_header_bytes = config.security.max_metadata_bytes;
  SiteOptions site;
  site.own_names_only = config.security.open();
  site.open_metrics = IsLoopbackHost(address.substr(0, address.rfind(':')));
  site.max_header_bytes = options.max_header_bytes;
  site_ = std::make_unique<Site>(site, server_.get());
  auto started = HttpServer::Start(options, site_.get());
  if (!started.ok()) return started.status();
  http_ = *std::move(started);
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Daemon>> Daemon::Start(const Config& config, int64_t max_open_files) {
  auto daemon = std::unique_ptr<Daemon>(new Daemon());
  if (absl::Status assembled = daemon->Assemble(config, max_open_files); !assembled.ok()) return assembled;
  daemon->thread_ = std::thread([self = daemon.get()] {
    const absl::Status status = self->loop_->Run();
    const std::lock_guard lock(self->mutex_);
    self->ended_ = status;
    self->ended_changed_.notify_all();
  });
  return daemon;
}

absl::Status Daemon::Wait() {
  std::unique_lock lock(mutex_);
  ended_changed_.wait(lock, [this] { return ended_.has_value(); });
  return *ended_;
}

std::optional<absl::Status> Daemon::WaitFor(int64_t for_ms) {
  std::unique_lock lock(mutex_);
  ended_changed_.wait_for(lock, std::chrono::milliseconds(for_ms), [this] { return ended_.has_value(); });
  return ended_;
}

void Daemon::Stop() {
  if (loop_) loop_->Stop();
}

Daemon::~Daemon() {
  Stop();
  if (thread_.joinable()) thread_.join();
  commands_.Close();  // also where the loop never ran
  auditor_.reset();
  // What HTTP has been asked is answered by the calls that may still finish; then its connections end.
  if (http_) http_->BeginShutdown();
  if (server_) server_->Shutdown(std::chrono::system_clock::now() + std::chrono::milliseconds(kShutdownDeadlineMs));
  http_.reset();
  if (pipeline_) pipeline_->Stop();
}

}  // namespace flosync
