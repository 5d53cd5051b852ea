// What ingest.py and rivals.py feed brokers with and compare the daemon with. Each run prints one line of JSON:
//
//   flosync_kafka_bench produce BROKERS INPUT CODEC          replay files to the topics that they name
//   flosync_kafka_bench send BROKERS TOPIC                   lines "key TAB value", each at once
//   flosync_kafka_bench consume BROKERS TOPIC none|inline|thread [NAME=VALUE …]
//       a bare consumer of the whole topic; parsing persons on the polling thread or on one of its own; settings of
//       librdkafka instead of its own
//   flosync_kafka_bench puts STATE RECORDS_PER_COMMIT        the entries of a state written again, nothing else
#include <algorithm>
#include <condition_variable>
#include <deque>
#include <iostream>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>
#include <simdjson.h>

#include "connectors/file/file_source.h"
#include "connectors/kafka/handles.h"
#include "domain/text.h"
#include "tests/bench/measuring.h"
#include "tests/bench/puts_alone.h"
#include "tests/support/must.h"

namespace flosync::bench {
namespace {

constexpr int kPollRecords = 10'000;
constexpr std::chrono::milliseconds kPollWait(100);
constexpr int kTimeoutMs = 60'000;
constexpr size_t kBatch = 1000;
constexpr double kMicrosPerSecond = 1e6;
using Settings = std::map<std::string, std::string>;

ClientHandle NewClient(rd_kafka_type_t type, const Settings& settings) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  std::string error(512, '\0');
  for (const auto& [name, value] : settings) {
    if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), error.data(), error.size()) != RD_KAFKA_CONF_OK) {
      Must(absl::InvalidArgumentError(error));
    }
  }
  rd_kafka_t* client = rd_kafka_new(type, conf, error.data(), error.size());
  if (client == nullptr) Must(absl::InternalError(error));
  return ClientHandle(client);
}

void MustBe(rd_kafka_resp_err_t error, const char* what) {
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) Must(absl::UnavailableError(Join(what, ": ", rd_kafka_err2str(error))));
}

void Produce(rd_kafka_t* client, const RawRecord& record) {
  rd_kafka_headers_t* headers = rd_kafka_headers_new(record.headers.size());
  for (const auto& [name, value] : record.headers) {
    rd_kafka_header_add(headers, name.data(), static_cast<ssize_t>(name.size()), value.data(),
                        static_cast<ssize_t>(value.size()));
  }
  const auto bytes = [](const std::optional<std::string>& text) {
    return text ? const_cast<char*>(text->data()) : nullptr;
  };
  const auto size = [](const std::optional<std::string>& text) { return text ? text->size() : 0; };
  MustBe(rd_kafka_producev(client, RD_KAFKA_V_TOPIC(record.topic.c_str()),
                           RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY | RD_KAFKA_MSG_F_BLOCK),
                           RD_KAFKA_V_KEY(bytes(record.key), size(record.key)),
                           RD_KAFKA_V_VALUE(bytes(record.value), size(record.value)),
                           RD_KAFKA_V_TIMESTAMP(record.timestamp.ms), RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END),
         "produce");
}

// A key's partition is that of Kafka's own producers, which Kafka Streams joins by.
ClientHandle NewProducer(const std::string& brokers, const std::string& codec, const std::string& linger_ms) {
  return NewClient(RD_KAFKA_PRODUCER, {{"bootstrap.servers", brokers},
                                       {"enable.idempotence", "true"},
                                       {"partitioner", "murmur2_random"},
                                       {"compression.type", codec},
                                       {"linger.ms", linger_ms}});
}

// Lines that are no records stay behind; a broker has none.
nlohmann::json ProduceAll(const std::string& brokers, const std::string& input, const std::string& codec) {
  const ClientHandle client = NewProducer(brokers, codec, "50");
  FileSource source({.path = input});
  Must(source.Open({}));
  std::map<std::string, int64_t> records;
  int64_t bytes = 0;
  const Span span;
  for (bool finished = false; !finished;) {
    const PolledRecords polled = Must(source.Poll(kPollRecords, kPollWait));
    for (const RawRecord& record : polled.records) {
      if (!record.unreadable.empty()) continue;
      Produce(client.get(), record);
      ++records[record.topic];
      bytes += static_cast<int64_t>(record.value.value_or("").size());
    }
    finished = polled.finished;
  }
  MustBe(rd_kafka_flush(client.get(), kTimeoutMs), "flush");
  return {{"records", records}, {"bytes", bytes}, {"seconds", span.seconds()}};
}

nlohmann::json SendLines(const std::string& brokers, const std::string& topic) {
  const ClientHandle client = NewProducer(brokers, "none", "0");
  int64_t records = 0;
  for (std::string line; std::getline(std::cin, line); ++records) {
    const std::vector<std::string_view> parts = Split(line, '\t');
    RawRecord record;
    record.topic = topic;
    record.key = parts.at(0);
    record.value = parts.at(1);
    Produce(client.get(), record);
  }
  MustBe(rd_kafka_flush(client.get(), kTimeoutMs), "flush");
  return {{"records", records}};
}

// Reads of a person's JSON about what flosync reads, with the parser that takes the best of the processor. Counts what
// it finds, so that nothing is left out as of no use.
class Parsing {
 public:
  void Take(const rd_kafka_message_t& message) {
    const auto* const text = static_cast<const char*>(message.payload);
    if (message.len == 0 || *text != '{') return;
    try {
      const simdjson::dom::element person = parser_.parse(text, message.len);
      found_ += person["hprNummer"].is_null() ? 0 : 1;
      found_ += Size(person["person"]["fødselsdato"]) + Size(person["sistOppdatert"]);
      for (const simdjson::dom::element approval : person["godkjenninger"]) ReadApproval(approval);
    } catch (const simdjson::simdjson_error&) {
      ++refused_;
    }
  }
  [[nodiscard]] size_t found() const { return found_; }

 private:
  static size_t Size(const simdjson::dom::element& text) {
    return text.is_string() ? text.get_string_length().value() : 0;
  }
  void ReadApproval(const simdjson::dom::element& approval) {
    found_ += Size(approval["helsepersonellkategori"]["verdi"]) + Size(approval["autorisasjon"]["verdi"]);
    found_ += Size(approval["periode"]["fra"]) + Size(approval["periode"]["til"]);
    for (const simdjson::dom::element speciality : approval["spesialistgodkjenninger"]) {
      found_ += Size(speciality["type"]["verdi"]);
      found_ += Size(speciality["periode"]["fra"]) + Size(speciality["periode"]["til"]);
    }
  }

  simdjson::dom::parser parser_;
  size_t found_ = 0;
  size_t refused_ = 0;
};

using Messages = std::vector<MessageHandle>;

// Parses batches on a thread of its own; at most kQueued wait.
class ParsingThread {
 public:
  ParsingThread() = default;
  ~ParsingThread() {
    Give({});  // the last one
    thread_.join();
  }
  ParsingThread(const ParsingThread&) = delete;
  ParsingThread& operator=(const ParsingThread&) = delete;
  void Give(Messages batch) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return queue_.size() < kQueued; });
    queue_.push_back(std::move(batch));
    changed_.notify_all();
  }

 private:
  static constexpr size_t kQueued = 8;

  void Run() {
    Parsing parsing;
    while (true) {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return !queue_.empty(); });
      const Messages batch = std::move(queue_.front());
      queue_.pop_front();
      changed_.notify_all();
      lock.unlock();
      if (batch.empty()) return;
      for (const MessageHandle& message : batch) parsing.Take(*message);
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Messages> queue_;
  std::thread thread_{[this] { Run(); }};
};

int PartitionsOf(rd_kafka_t* client, const std::string& name) {
  const TopicHandle topic(rd_kafka_topic_new(client, name.c_str(), nullptr));
  const rd_kafka_metadata_t* metadata = nullptr;
  MustBe(rd_kafka_metadata(client, 0, topic.get(), &metadata, kTimeoutMs), "metadata");
  const int partitions = metadata->topics[0].partition_cnt;
  rd_kafka_metadata_destroy(metadata);
  return partitions;
}

// All of a topic, from its beginning to its end.
class Consumer {
 public:
  Consumer(const std::string& brokers, const std::string& topic, Settings settings)
      : client_(NewClient(RD_KAFKA_CONSUMER, Complete(std::move(settings), brokers))),
        partitions_left_(PartitionsOf(client_.get(), topic)) {
    rd_kafka_poll_set_consumer(client_.get());
    const PartitionListHandle list(rd_kafka_topic_partition_list_new(partitions_left_));
    for (int i = 0; i < partitions_left_; ++i) {
      rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), i)->offset = RD_KAFKA_OFFSET_BEGINNING;
    }
    MustBe(rd_kafka_assign(client_.get(), list.get()), "assign");
    queue_.reset(rd_kafka_queue_get_consumer(client_.get()));
  }

  // Empty at the end of all.
  Messages Next() {
    Messages batch;
    while (batch.empty() && partitions_left_ > 0) {
      std::vector<rd_kafka_message_t*> raw(kBatch);
      const ssize_t count =
          rd_kafka_consume_batch_queue(queue_.get(), static_cast<int>(kPollWait.count()), raw.data(), raw.size());
      for (ssize_t i = 0; i < count; ++i) {
        MessageHandle message(raw[static_cast<size_t>(i)]);
        if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
          --partitions_left_;
        } else {
          MustBe(message->err, "consume");
          batch.push_back(std::move(message));
        }
      }
    }
    return batch;
  }

 private:
  static Settings Complete(Settings settings, const std::string& brokers) {
    settings.insert({{"bootstrap.servers", brokers},
                     {"group.id", "flosync-bench"},
                     {"enable.auto.commit", "false"},
                     {"enable.partition.eof", "true"},
                     {"auto.offset.reset", "earliest"},
                     {"fetch.wait.max.ms", "100"},
                     {"queued.min.messages", "1000000"},
                     {"queued.max.messages.kbytes", "262144"}});
    return settings;
  }

  ClientHandle client_;
  QueueHandle queue_;
  int partitions_left_;
};

nlohmann::json ConsumeAll(const std::string& brokers, const std::string& topic, const std::string& parse,
                          Settings settings) {
  Consumer consumer(brokers, topic, std::move(settings));
  Parsing parsing;
  std::unique_ptr<ParsingThread> thread;
  if (parse == "thread") thread = std::make_unique<ParsingThread>();
  int64_t records = 0;
  const Span span;
  for (Messages batch = consumer.Next(); !batch.empty(); batch = consumer.Next()) {
    records += static_cast<int64_t>(batch.size());
    if (parse == "inline") {
      for (const MessageHandle& message : batch) parsing.Take(*message);
    } else if (thread) {
      thread->Give(std::move(batch));
    }
  }
  thread.reset();
  const double seconds = span.seconds();
  return {{"records", records},
          {"seconds", seconds},
          {"records_per_second", static_cast<double>(records) / seconds},
          {"cpu_us_per_record", span.cpu_seconds() * kMicrosPerSecond / static_cast<double>(records)},
          {"found_bytes", parsing.found()}};
}

// Of words "NAME=VALUE".
Settings ReadSettings(const std::vector<std::string>& words, size_t first) {
  Settings settings;
  for (size_t i = first; i < words.size(); ++i) {
    const std::vector<std::string_view> parts = Split(words[i], '=');
    settings.emplace(parts.at(0), parts.at(1));
  }
  return settings;
}

nlohmann::json PutAll(const std::string& state, size_t records_per_commit) {
  const auto store = Must(Store::Open(state));
  const PutsAlone alone = WriteAgain(*store, records_per_commit);
  return {{"records_per_second", alone.records_per_second},
          {"puts_per_second", alone.puts_per_second},
          {"ms_per_commit", alone.seconds_per_commit * 1e3}};
}

int Run(const std::vector<std::string>& words) {
  nlohmann::json result;
  if (words.size() == 4 && words[0] == "produce") {
    result = ProduceAll(words[1], words[2], words[3]);
  } else if (words.size() == 3 && words[0] == "send") {
    result = SendLines(words[1], words[2]);
  } else if (words.size() >= 4 && words[0] == "consume") {
    result = ConsumeAll(words[1], words[2], words[3], ReadSettings(words, 4));
  } else if (words.size() == 3 && words[0] == "puts") {
    result = PutAll(words[1], std::stoul(words[2]));
  } else {
    std::cerr << "flosync_kafka_bench is run by ingest.py and rivals.py; see kafka_bench.cc" << std::endl;
    return 2;
  }
  std::cout << result.dump() << std::endl;
  return 0;
}

}  // namespace
}  // namespace flosync::bench

int main(int argc, char** argv) { return flosync::bench::Run({argv + 1, argv + argc}); }
