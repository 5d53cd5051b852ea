#include "daemon/cli/demo_feed.h"

#include <filesystem>
#include <fstream>
#include <utility>

#include <librdkafka/rdkafkacpp.h>

#include "connectors/file/file_source.h"
#include "domain/text.h"

namespace flosync {
namespace {

constexpr int kPollRecords = 1000;
constexpr int kFlushTimeoutMs = 60'000;
constexpr int kQueueWaitMs = 100;

absl::Status AppendLine(const std::string& path, const std::string& line) {
  std::ofstream file(path, std::ios::app | std::ios::binary);
  file << line << '\n' << std::flush;
  return file ? absl::OkStatus() : absl::UnavailableError(Join(path, ": cannot be written; check the disk"));
}

class Files : public DemoFeed {
 public:
  explicit Files(std::string directory) : directory_(std::move(directory)) {}
  void Configure(SourceConfig& source) const override {
    source.kind = SourceKind::kFiles;
    source.files.path = directory_;
    source.files.follow = true;
    source.files.rescan_interval_ms = 100;
  }
  absl::Status Load(const std::string& /*directory*/) override { return absl::OkStatus(); }
  absl::Status Append(const std::string& line) override { return AppendLine(directory_ + "/9999-demo.ndjson", line); }

 private:
  std::string directory_;
};

class Topics : public DemoFeed {
 public:
  Topics(std::string brokers, std::string directory, std::unique_ptr<RdKafka::Producer> producer)
      : brokers_(std::move(brokers)), directory_(std::move(directory)), producer_(std::move(producer)) {}

  void Configure(SourceConfig& source) const override {
    source.kind = SourceKind::kKafka;
    source.kafka.brokers = brokers_;
  }
  absl::Status Load(const std::string& directory) override {
    FileSource files({.path = directory});
    if (absl::Status opened = files.Open({}); !opened.ok()) return opened;
    while (true) {
      auto polled = files.Poll(kPollRecords, std::chrono::milliseconds(0));
      if (!polled.ok()) return polled.status();
      for (RawRecord& record : polled->records) {
        if (absl::Status produced = Produce(record); !produced.ok()) return produced;
      }
      if (polled->finished) return Flush();
    }
  }
  // The line goes the way of the register: by a file of its own, read and produced.
  absl::Status Append(const std::string& line) override {
    const std::string path = Join(directory_, "-change-", ++appended_, ".ndjson");
    if (absl::Status written = AppendLine(path, line); !written.ok()) return written;
    return Load(path);
  }

 private:
  absl::Status Produce(RawRecord& record) {
    std::unique_ptr<RdKafka::Headers> headers(RdKafka::Headers::create());
    for (const auto& [name, value] : record.headers) headers->add(name, value);
    while (true) {
      void* value = record.value ? record.value->data() : nullptr;
      const RdKafka::ErrorCode error =
          producer_->produce(record.topic, record.partition, RdKafka::Producer::RK_MSG_COPY, value,
                             record.value ? record.value->size() : 0, record.key ? record.key->data() : nullptr,
                             record.key ? record.key->size() : 0, record.timestamp.ms, headers.get(), nullptr);
      producer_->poll(0);
      if (error == RdKafka::ERR_NO_ERROR) {
        static_cast<void>(headers.release());  // librdkafka has taken them
        return absl::OkStatus();
      }
      if (error != RdKafka::ERR__QUEUE_FULL) {
        return absl::UnavailableError(Join("cannot produce to ", record.topic, ": ", RdKafka::err2str(error),
                                           "; create the topics first (./dev demo --kafka does)"));
      }
      producer_->poll(kQueueWaitMs);
    }
  }
  absl::Status Flush() {
    if (producer_->flush(kFlushTimeoutMs) == RdKafka::ERR_NO_ERROR) return absl::OkStatus();
    return absl::UnavailableError(Join("the broker at ", brokers_, " does not take the records; see that it runs"));
  }

  std::string brokers_;
  std::string directory_;
  std::unique_ptr<RdKafka::Producer> producer_;
  int appended_ = 0;
};

}  // namespace

std::unique_ptr<DemoFeed> FileFeed(std::string directory) { return std::make_unique<Files>(std::move(directory)); }

absl::StatusOr<std::unique_ptr<DemoFeed>> KafkaFeed(const std::string& brokers, std::string directory) {
  const std::unique_ptr<RdKafka::Conf> settings(RdKafka::Conf::create(RdKafka::Conf::CONF_GLOBAL));
  std::string error;
  for (const auto& [name, value] : {std::pair<std::string, std::string>{"bootstrap.servers", brokers},
                                    {"compression.codec", "lz4"},
                                    {"linger.ms", "20"},
                                    {"enable.idempotence", "true"},
                                    {"log_level", "3"}}) {
    if (settings->set(name, value, error) != RdKafka::Conf::CONF_OK) return absl::InvalidArgumentError(error);
  }
  std::unique_ptr<RdKafka::Producer> producer(RdKafka::Producer::create(settings.get(), error));
  if (!producer) return absl::InvalidArgumentError(Join("cannot make a Kafka producer: ", error));
  return std::make_unique<Topics>(brokers, std::move(directory), std::move(producer));
}

}  // namespace flosync
