#include "connectors/file/file_record_finder.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>
#include <system_error>

#include "absl/status/statusor.h"

#include "connectors/file/byte_stream.h"
#include "connectors/file/line_reader.h"
#include "connectors/file/record_line.h"
#include "domain/text.h"

namespace flosync {
namespace {

// The places of one file, by the number of the line.
using Lines = std::map<int64_t, size_t>;

std::map<std::string, Lines> ByFile(const std::vector<RecordPlace>& places) {
  std::map<std::string, Lines> files;
  for (size_t i = 0; i < places.size(); ++i) {
    const std::string& line = places[i].line;
    const size_t colon = line.rfind(':');
    if (colon == std::string::npos) continue;
    if (const auto number = ParseNumber<int64_t>(std::string_view(line).substr(colon + 1))) {
      files[line.substr(0, colon)][*number] = i;
    }
  }
  return files;
}

// The record in the line, if it is the one of the place.
std::optional<RawRecord> RecordAt(const RecordPlace& place, std::string_view line, RecordLineParser& parser) {
  RecordLine parsed = parser.Parse(WithoutByteOrderMark(line));
  RawRecord& record = parsed.record;
  if (!record.unreadable.empty() || record.topic != place.topic || record.partition != place.partition) {
    return std::nullopt;
  }
  if (parsed.has_offset && record.offset != place.offset) return std::nullopt;
  record.offset = place.offset;
  record.line = place.line;
  return std::move(record);
}

absl::Status Unreadable(const absl::Status& status) {
  return absl::UnavailableError(Join(std::string(status.message()), "; mend that and try again"));
}

absl::Status FindInFile(const std::string& path, const std::vector<RecordPlace>& places, const Lines& wanted,
                        const std::atomic<bool>& stop, const RecordFinder::Take& take) {
  auto stream = OpenByteStream(path, 0);
  if (!stream.ok()) return Unreadable(stream.status());
  LineReader reader(*std::move(stream), 0);
  RecordLineParser parser;
  int64_t number = 0;
  for (const auto& [wanted_number, place] : wanted) {
    LineReader::Line line;
    for (; number < wanted_number; ++number) {
      if (stop) return absl::CancelledError("the daemon is stopping; try again when it is back");
      auto next = reader.Next(/*take_unterminated=*/true);
      if (!next.ok()) return Unreadable(next.status());
      if (next->kind == LineReader::Kind::kEnd) return absl::OkStatus();
      line = *next;
    }
    if (line.kind != LineReader::Kind::kLine) continue;
    if (const auto record = RecordAt(places[place], line.text, parser)) {
      if (absl::Status taken = take(place, *record); !taken.ok()) return taken;
    }
  }
  return absl::OkStatus();
}

}  // namespace

std::optional<std::string> FileRecordFinder::PathOf(const std::string& name) const {
  namespace fs = std::filesystem;
  const fs::path input(path_);
  std::error_code error;
  const fs::path file = fs::is_directory(input, error) ? input / name : input;
  // Names are of files directly in the directory.
  if (file.filename() != name || !fs::is_regular_file(file, error)) return std::nullopt;
  return file.string();
}

absl::Status FileRecordFinder::Find(const std::vector<RecordPlace>& places, const std::atomic<bool>& stop,
                                    const Take& take) {
  for (const auto& [name, wanted] : ByFile(places)) {
    const auto path = PathOf(name);
    if (!path) continue;
    if (absl::Status found = FindInFile(*path, places, wanted, stop, take); !found.ok()) return found;
  }
  return absl::OkStatus();
}

}  // namespace flosync
