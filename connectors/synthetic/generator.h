// A synthetic national register as the records that would have built it: HPR persons, FLO contracts, doctor periods and
// patient counts, from a first load through years of changes, one NDJSON line per record.
//
// Operation: the register of `from` is founded with history and written as one load; from then on each month is planned
// towards the published figures of that month (calibration.h) and its changes are written in the order of their broker
// timestamps. So the published shares and counts hold by construction, at any day between 2019 and 2025.
// Same options and eras, same bytes: there is no clock, no thread and no hash order. All identifiers and names are
// synthetic (identifiers.h).
//
// Concurrency: free functions without shared state; call them from as many threads as you like, one sink each.
//
// Limitations: memory is bounded by the number of persons (about 100 bytes each) and lists, not by the number of
// records. Municipality numbers follow the eras; history before `from` is written with the numbers valid at `from`.
//
//   GeneratorOptions options{.from = 2021y / December / 1, .to = 2023y / November / 1};
//   GeneratorSummary made = GenerateFiles(options, eras, "/var/lib/flosync/replay");
//   // made.error is empty; the folder holds 0001-load.ndjson, 2021-12.ndjson … 2023-10.ndjson
//
// A line (one line in the output):
//   {"topic":"flo.patient-count","partition":0,"offset":7,"timestamp":1638320400000,"key":"900001",
//    "value":{"contractId":900001,"patientCount":1043,"countedAt":"2021-11-30T00:00:00"}}
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connectors/synthetic/rates.h"

namespace flosync::synthetic {

// A municipality as it is on the first day of an era.
struct MunicipalitySeed {
  std::string number;           // four digits
  std::string county;           // two digits
  std::int32_t population = 0;  // inhabitants on 1 January
};

// The structure and population from one day on. Give one era for each 1 January, so that municipality groups change
// when the populations do; the first must not begin after `from`.
struct MunicipalityEra {
  std::chrono::sys_days from;
  std::vector<MunicipalitySeed> municipalities;
  // Old and new number of the municipalities renumbered, merged or split on `from`; several successors are allowed.
  // Lists in a number that ends without a successor go where lists are missing most.
  std::vector<std::pair<std::string, std::string>> successors = {};
};

struct GeneratorOptions {
  std::uint64_t seed = 1;
  std::chrono::sys_days from;  // the register of this day is loaded in the three days before it, Oslo time
  std::chrono::sys_days to;    // no record has a broker timestamp at or after 00:00 Oslo time of this day
  double scale = 1.0;          // (0, 10]: factor on lists, doctors and persons
  std::int32_t persons =
      60'000;                // persons in HPR before scaling, at most 4 000 000; the first 60 000 are doctors. Raised
                             // to about two and a half for each list where there are too few to draw GPs from
  std::int64_t records = 0;  // records in all, reached by re-sent persons; 0 or too few = as the changes give
  std::int32_t late_max_hours = 72;  // the longest a record is held back
  Rates rates;
};

struct GeneratorSummary {
  std::string error;  // why nothing, or not all, was written; empty = done
  std::int64_t records = 0;
  std::int64_t load_records = 0;  // of these in the first load
  std::int64_t bytes = 0;         // line feeds included
  std::map<std::string, std::int64_t> records_by_topic;
  std::int64_t duplicates = 0;
  std::int64_t late = 0;
  std::int64_t out_of_order = 0;
  std::int64_t malformed = 0;
  std::int64_t corrected = 0;
  std::int64_t conflicting = 0;
  std::int64_t personal_data = 0;
  std::int64_t timestamps_back = 0;
  std::int64_t broken_lines = 0;
  std::int64_t padding = 0;  // re-sent persons added to reach `records`
  std::int64_t persons = 0;
  std::int64_t lists = 0;
  std::int64_t doctor_periods = 0;
  std::int64_t files = 0;  // GenerateFiles only
};

// Takes the lines in the order they are to be read.
class RecordSink {
 public:
  virtual ~RecordSink() = default;

  // `ndjson_line` is without line feed and valid during the call only.
  virtual void Write(std::string_view ndjson_line) = 0;

  // The following lines are those of another part: "0001-load", then each month as "2021-12". Parts sort by name.
  virtual void BeginPart(std::string_view /*name*/) {}
};

// An error text, or empty if the options can be used with these eras.
[[nodiscard]] std::string Validate(const GeneratorOptions& options, const std::vector<MunicipalityEra>& eras);

// Writes the register to `sink`. Invalid options: an error in the summary, and the sink is not called.
[[nodiscard]] GeneratorSummary Generate(const GeneratorOptions& options, const std::vector<MunicipalityEra>& eras,
                                        RecordSink& sink);

// Writes the register into `out_dir` (made if missing), one file per part: 0001-load.ndjson, then YYYY-MM.ndjson. Files
// of such names are removed first, whatever their month, because a replay would read them too. A full disk or a folder
// that cannot be written to gives an error in the summary. `progress`, if set, is told the name of each part begun.
[[nodiscard]] GeneratorSummary GenerateFiles(const GeneratorOptions& options, const std::vector<MunicipalityEra>& eras,
                                             const std::filesystem::path& out_dir,
                                             const std::function<void(std::string_view part)>& progress = {});

}  // namespace flosync::synthetic
