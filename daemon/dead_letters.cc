#include "daemon/dead_letters.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <map>
#include <system_error>
#include <utility>

#include <absl/strings/escaping.h>

// simdjson's header inlines a great deal that the project's warnings do not like.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wall"
#pragma GCC diagnostic ignored "-Wextra"
#include <simdjson.h>
#pragma GCC diagnostic pop

#include "daemon/cli/json.h"
#include "domain/text.h"
#include "state/store/keys.h"

namespace flosync {
namespace {

TopicMessage DeadLetterOf(const DecodedRecord& record) {
  const DeviationNote note = record.notes.empty() ? DeviationNote{} : record.notes.front();
  const std::string what = Join(note.field, note.field.empty() ? "" : " ", note.detail);
  TopicMessage letter;
  if (record.topic) {
    const std::string topic(TopicName(*record.topic));
    letter.key = Join(topic, "/", record.partition, "/", record.offset);
    letter.headers = {{"__connect.errors.topic", topic},
                      {"__connect.errors.partition", std::to_string(record.partition)},
                      {"__connect.errors.offset", std::to_string(record.offset)}};
  } else {
    letter.key = "line:" + record.line;
  }
  const std::vector<std::pair<std::string, std::string>> more = {
      {"__connect.errors.connector.name", "flosync"},
      {"__connect.errors.task.id", "0"},
      {"__connect.errors.stage", "VALUE_CONVERTER"},
      {"__connect.errors.class.name", "flosync::Decode"},
      {"__connect.errors.exception.class.name", std::string(DeviationName(note.code))},
      {"__connect.errors.exception.message", what},
      // There is no stack to show; what to do is of more use.
      {"__connect.errors.exception.stacktrace", Join(what, "; ", DeviationRemedy(note.code))},
      {"flosync.value.sha256", record.dead_letter_hash},
      {"flosync.value.bytes", std::to_string(record.value_bytes)}};
  letter.headers.insert(letter.headers.end(), more.begin(), more.end());
  if (!record.line.empty()) letter.headers.emplace_back("flosync.line", record.line);
  letter.value = record.dead_letter_value;
  return letter;
}

// The whole of `bytes` at the end of the file, and on disk. A line that a crash has torn is closed first.
absl::Status AppendSynced(const std::string& path, std::string bytes) {
  const auto failed = [&path] {
    return absl::UnavailableError(Join(path, ": cannot be written (", std::generic_category().message(errno),
                                       "); check the disk, then start again"));
  };
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
  if (file < 0) return failed();
  const off_t end = lseek(file, 0, SEEK_END);
  char last = '\n';
  if (end > 0 && pread(file, &last, 1, end - 1) == 1 && last != '\n') bytes.insert(bytes.begin(), '\n');
  size_t written = 0;
  while (written < bytes.size()) {
    const ssize_t count = write(file, bytes.data() + written, bytes.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    written += static_cast<size_t>(count);
  }
  absl::Status status;
  if (written < bytes.size() || fdatasync(file) != 0) status = failed();
  close(file);
  return status;
}

// Tells records that come for the first time from those whose offset was read before (E4), in the order of reading.
class NewRecords {
 public:
  explicit NewRecords(const Partitions& read) : read_(read.all()) {}

  bool operator()(const DecodedRecord& record) {
    if (!record.topic) return true;
    const auto [it, fresh] = next_offsets_.try_emplace({*record.topic, record.partition}, 0);
    int64_t& next = it->second;
    if (fresh) {
      const auto known = read_.find({std::string(TopicName(*record.topic)), record.partition});
      next = known == read_.end() ? INT64_MIN : known->second.next_offset;
    }
    const bool first_time = record.offset >= next;
    if (first_time) next = record.offset + 1;
    return first_time;
  }

 private:
  const std::map<Partitions::Key, PartitionState>& read_;
  std::map<std::pair<Topic, int32_t>, int64_t> next_offsets_;
};

}  // namespace

std::string FormatDeadLetter(const TopicMessage& letter) {
  std::string headers;
  for (const auto& [name, value] : letter.headers) {
    headers += Join(headers.empty() ? "" : ",", JsonQuoted(name), ":", JsonQuoted(value));
  }
  std::string value;
  if (letter.value) value = Join(",\"value_base64\":\"", absl::Base64Escape(*letter.value), "\"");
  return Join("{\"key\":", JsonQuoted(letter.key), ",\"headers\":{", headers, "}", value, "}");
}

std::optional<TopicMessage> ParseDeadLetter(std::string_view line) {
  simdjson::dom::parser parser;
  const simdjson::padded_string padded(line);
  simdjson::dom::object root;
  if (parser.parse(padded).get(root) != simdjson::SUCCESS) return std::nullopt;
  TopicMessage letter;
  std::string_view text;
  if (root["key"].get(text) != simdjson::SUCCESS) return std::nullopt;
  letter.key = text;
  simdjson::dom::object headers;
  if (root["headers"].get(headers) != simdjson::SUCCESS) return std::nullopt;
  for (const auto field : headers) {
    if (field.value.get(text) != simdjson::SUCCESS) return std::nullopt;
    letter.headers.emplace_back(field.key, text);
  }
  if (root["value_base64"].get(text) == simdjson::SUCCESS) {
    std::string bytes;
    if (!absl::Base64Unescape({text.data(), text.size()}, &bytes)) return std::nullopt;
    letter.value = std::move(bytes);
  }
  return letter;
}

std::string DeadLetterPath(const std::string& state_directory) { return state_directory + "/deadletter.ndjson"; }

absl::Status DropNotedLines(const View& view, std::vector<DecodedRecord>& records) {
  absl::Status failed;
  const auto noted = [&view, &failed](const DecodedRecord& record) {
    if (record.outcome != RecordOutcome::kUnreadable || record.notes.empty()) return false;
    const std::string key = DeviationKey(DeviationName(record.notes.front().code), "line:" + record.line);
    const auto stored = view.Get(Family::kDeviations, key);
    if (!stored.ok()) failed = stored.status();
    return stored.ok() && stored->has_value();
  };
  std::erase_if(records, noted);
  return failed;
}

absl::Status AppendDeadLetters(const std::string& state_directory, const std::vector<DecodedRecord>& records,
                               const Partitions& read) {
  NewRecords is_new(read);
  std::string lines;
  for (const DecodedRecord& record : records) {
    const bool first_time = is_new(record);
    if (record.dead_letter_hash.empty() && record.outcome != RecordOutcome::kUnreadable) continue;
    if (!first_time) continue;
    lines += FormatDeadLetter(DeadLetterOf(record));
    lines.push_back('\n');
  }
  if (lines.empty()) return absl::OkStatus();
  return AppendSynced(DeadLetterPath(state_directory), std::move(lines));
}

}  // namespace flosync
