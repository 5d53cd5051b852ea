#include "daemon/dead_letters.h"

#include <fstream>

#include "domain/text.h"

namespace flosync {
namespace {

// Only our own words, file names and numbers come here; what JSON needs escaped is escaped all the same.
std::string Quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out.push_back('\\');
    if (static_cast<unsigned char>(c) < 0x20) continue;
    out.push_back(c);
  }
  out.push_back('"');
  return out;
}

std::string DeadLetter(const DecodedRecord& record) {
  const DeviationNote note = record.notes.empty() ? DeviationNote{} : record.notes.front();
  std::string headers = Join(
      "\"__connect.errors.exception.class.name\":", Quoted(DeviationName(note.code)),
      ",\"__connect.errors.exception.message\":", Quoted(Join(note.field, note.field.empty() ? "" : " ", note.detail)));
  if (record.topic) {
    headers =
        Join("\"__connect.errors.topic\":", Quoted(TopicName(*record.topic)), ",\"__connect.errors.partition\":\"",
             record.partition, "\",\"__connect.errors.offset\":\"", record.offset, "\",", headers);
  }
  return Join("{\"line\":", Quoted(record.line), ",\"value_sha256\":", Quoted(record.dead_letter_hash),
              ",\"value_bytes\":", record.value_bytes, ",\"headers\":{", headers, "}}\n");
}

}  // namespace

absl::Status AppendDeadLetters(const std::string& state_directory, const std::vector<DecodedRecord>& records) {
  std::string lines;
  for (const DecodedRecord& record : records) {
    if (record.outcome == RecordOutcome::kUnreadable || !record.dead_letter_hash.empty()) lines += DeadLetter(record);
  }
  if (lines.empty()) return absl::OkStatus();
  const std::string path = state_directory + "/deadletter.ndjson";
  std::ofstream file(path, std::ios::app | std::ios::binary);
  file << lines << std::flush;
  if (!file) return absl::UnavailableError(Join(path, ": cannot be written; check the disk, then start again"));
  return absl::OkStatus();
}

}  // namespace flosync
