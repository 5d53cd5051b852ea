// Records as the sources deliver them, and the interface every source stands behind.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "domain/oslo.h"

namespace flosync {

// One record, not decoded. A value without owners.
struct RawRecord {
  std::string topic;  // as the source names it
  int32_t partition = 0;
  int64_t offset = 0;
  Instant timestamp;  // the broker's
  std::optional<std::string> key;
  std::optional<std::string> value;  // nothing = tombstone
  std::vector<std::pair<std::string, std::string>> headers;
  // "<file>:<line>" for records of files, empty for a broker's.
  std::string line;
  // Set when a line of a file could not be read as a record at all (F13): what was wrong, in our own words. Of the
  // above only `line` is set then, and `value` to the line's bytes, for the dead letters' hash.
  std::string unreadable;
};

// What the source needs to go on after a restart: opaque text by name, kept in the same commit as the records' effects.
// Kafka: "kafka/<topic>/<partition>" → next offset. Files: "file/<name>" → how far the file has been read.
using SourceMarks = std::map<std::string, std::string>;

// How far one partition has been read, for status and for closing a reference date (B1).
struct PartitionProgress {
  std::string topic;
  int32_t partition = 0;
  int64_t position = 0;        // next offset to read
  std::optional<int64_t> end;  // the partition's end as last heard; nothing if unknown
  bool at_end = false;         // `position` had reached the end at `checked_at`
  Instant checked_at;          // when, by the local clock (Kafka only; Instant{} for files)
};

struct PolledRecords {
  std::vector<RawRecord> records;
  SourceMarks marks;                        // changed marks after these records; commit them with the records' effects
  std::vector<PartitionProgress> progress;  // partitions whose progress changed
  bool finished = false;                    // nothing will ever come again (a replay read to its end)
};

// Where the source stands, for operators. Connected: every topic or file asked for can be read.
struct SourceHealth {
  bool connected = true;
  std::optional<Instant> disconnected_since;
  std::string last_error;  // what is wrong and what to do; empty while connected
};

// A stream of records that can be resumed. One thread calls Open and Poll; Health may be called from any thread.
//
//   auto status = source->Open(marks_from_the_store);
//   while (true) { auto polled = source->Poll(1000, 100ms); … }
class RecordSource {
 public:
  virtual ~RecordSource() = default;
  // Goes to where `marks` say (from the beginning where there are none).
  [[nodiscard]] virtual absl::Status Open(const SourceMarks& marks) = 0;
  // Waits at most `max_wait` for records and returns up to `max_records` of them, in partition order, possibly none. An
  // error is final: the daemon stops with its text, which says what to do. A broker that is away is no error (see
  // Health).
  [[nodiscard]] virtual absl::StatusOr<PolledRecords> Poll(int max_records, std::chrono::milliseconds max_wait) = 0;
  // Told after each commit; Kafka passes the positions on to the group for lag tools, best effort.
  virtual void Committed(const SourceMarks& marks) = 0;
  [[nodiscard]] virtual SourceHealth Health() const = 0;
};

// Where a record was read.
struct RecordPlace {
  std::string topic;  // as the source names it
  int32_t partition = 0;
  int64_t offset = 0;
  std::string line;  // as in RawRecord
};

// Fetches single records that were read before, beside the source that goes on meanwhile. One call at a time.
class RecordFinder {
 public:
  using Take = std::function<absl::Status(size_t place, const RawRecord& record)>;
  virtual ~RecordFinder() = default;
  // Gives `take` each record that is still at one of the places, with the place's index, in any order; what is gone is
  // passed over. UNAVAILABLE, with what to do, if the source cannot be asked; CANCELLED soon after `stop`; an error of
  // `take` ends it and is returned.
  [[nodiscard]] virtual absl::Status Find(const std::vector<RecordPlace>& places, const std::atomic<bool>& stop,
                                          const Take& take) = 0;
};

}  // namespace flosync
