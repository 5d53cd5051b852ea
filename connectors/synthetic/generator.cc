#include "connectors/synthetic/generator.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "connectors/synthetic/changes.h"
#include "connectors/synthetic/outbox.h"
#include "connectors/synthetic/planner.h"
#include "connectors/synthetic/publisher.h"
#include "connectors/synthetic/world.h"

namespace flosync::synthetic {
namespace {

Day ToDay(std::chrono::sys_days day) { return static_cast<Day>(day.time_since_epoch().count()); }

// One run: the parts in the order they are needed.
class Run {
 public:
  Run(const GeneratorOptions& options, const std::vector<MunicipalityEra>& eras, RecordSink& sink)
      : options_(options),
        from_(ToDay(options.from)),
        to_(ToDay(options.to)),
        random_(Mix(options.seed, 74)),
        outbox_(options, sink, &summary_),
        planner_(options, eras, world_, queue_),
        publisher_(options, world_, queue_, outbox_, &summary_) {
    world_.scale = options.scale;
    world_.seed = options.seed;
  }

  GeneratorSummary Execute() {
    planner_.Found(from_);
    outbox_.BeginPart("0001-load");
    publisher_.Load(from_);
    outbox_.AdvanceTo(ToUtc(OsloMidnight(from_)) - 1);
    Day begin = from_;
    Day end = FirstOfNextMonth(from_);
    planner_.PlanLists(begin, end, begin);
    while (begin < to_) {
      const Day next = FirstOfNextMonth(end);
      planner_.PlanMonth(begin, end);
      planner_.PlanLists(end, next, begin);
      WriteMonth(begin, std::min(end, to_));
      begin = end;
      end = next;
    }
    outbox_.CloseAt(ToUtc(OsloMidnight(to_)));
    outbox_.Finish();
    summary_.persons = static_cast<std::int64_t>(world_.persons.size());
    summary_.lists = static_cast<std::int64_t>(world_.lists.size());
    summary_.doctor_periods = static_cast<std::int64_t>(world_.periods.size());
    return summary_;
  }

 private:
  void WriteMonth(Day begin, Day end) {
    outbox_.BeginPart(MonthName(begin));
    const OsloMs close = OsloMidnight(end);
    if (options_.records > 0) publisher_.PlanPadding(PaddingTimes(begin, end), options_.records);
    if (end < to_) {
      publisher_.RunUntil(close);
      return;
    }
    // The last hour makes up for what was estimated wrong.
    const OsloMs last_hour = close - kMsPerHour;
    publisher_.RunUntil(last_hour);
    // A little is left for the very end, because some of these are sent twice.
    const std::int64_t shortage = std::max<std::int64_t>(0, Shortage(end) * 49 / 50 - 20);
    std::vector<OsloMs> times;
    for (std::int64_t i = 0; i < shortage; ++i) times.push_back(last_hour + i * kMsPerHour / shortage);
    publisher_.PlanPadding(std::move(times), options_.records);
    publisher_.RunUntil(close);
    // Those that were left out because the person has no entry any more.
    for (int round = 0; round < 100 && outbox_.written() < options_.records; ++round) {
      const auto missing = static_cast<std::size_t>(options_.records - outbox_.written());
      publisher_.PlanPadding(std::vector<OsloMs>(missing, close - 1), options_.records);
      publisher_.RunUntil(close);
    }
  }

  // Records still to be added so that the number asked for is reached by `end`, what is already under way left out.
  std::int64_t Shortage(Day end) const {
    const std::int64_t under_way = queue_.CountBefore(OsloMidnight(end)) + outbox_.HeldBefore(ToUtc(OsloMidnight(end)));
    return std::max<std::int64_t>(0, options_.records - outbox_.written() - under_way);
  }

  // The month's part of the padding: most of it spread over all days, the rest in one night's mass update.
  std::vector<OsloMs> PaddingTimes(Day begin, Day end) {
    constexpr double kInMassUpdate = 0.4;
    const auto natural = static_cast<double>(queue_.CountBefore(OsloMidnight(end)));
    const double due = static_cast<double>(options_.records - outbox_.written()) * (end - begin) / (to_ - begin);
    // Repeats and corrections come on top of what is planned; in the last month they must find room.
    const double reserve = end == to_ ? 0.01 * due + 0.02 * natural + 50 : 0;
    const double wanted = due - natural - reserve;
    const auto count = static_cast<std::int64_t>(std::max(0.0, wanted));
    std::vector<OsloMs> times;
    times.reserve(static_cast<std::size_t>(count));
    const OsloMs night = OsloMidnight(begin + static_cast<Day>(random_.Below(static_cast<std::uint64_t>(end - begin))));
    const auto in_night = static_cast<std::int64_t>(kInMassUpdate * static_cast<double>(count));
    for (std::int64_t i = 0; i < count; ++i) {
      times.push_back(i < in_night ? night + random_.Between(kMsPerHour, 5 * kMsPerHour)
                                   : random_.Between(OsloMidnight(begin) + 1, OsloMidnight(end) - kMsPerHour - 1));
    }
    std::sort(times.begin(), times.end());
    return times;
  }

  const GeneratorOptions& options_;
  const Day from_;
  const Day to_;
  Random random_;
  GeneratorSummary summary_;
  World world_;
  ChangeQueue queue_;
  Outbox outbox_;
  Planner planner_;
  Publisher publisher_;
};

// One file per part; remembers the first failure and writes nothing after it.
class FileSink : public RecordSink {
 public:
  FileSink(std::filesystem::path dir, std::function<void(std::string_view part)> progress)
      : dir_(std::move(dir)), progress_(std::move(progress)) {}
  ~FileSink() override { Close(); }
  FileSink(const FileSink&) = delete;
  FileSink& operator=(const FileSink&) = delete;

  void BeginPart(std::string_view name) override {
    Close();
    if (!error_.empty()) return;
    if (progress_) progress_(name);
    path_ = dir_ / (std::string(name) + ".ndjson");
    file_ = std::fopen(path_.c_str(), "wb");
    if (file_ == nullptr) {
      Fail("cannot be created");
      return;
    }
    std::setvbuf(file_, nullptr, _IOFBF, 1 << 20);
    ++files_;
  }

  void Write(std::string_view ndjson_line) override {
    if (file_ == nullptr || !error_.empty()) return;
    if (std::fwrite(ndjson_line.data(), 1, ndjson_line.size(), file_) != ndjson_line.size() ||
        std::fputc('\n', file_) == EOF) {
      Fail("cannot be written");
    }
  }

  void Close() {
    if (file_ == nullptr) return;
    const int result = std::fclose(file_);
    file_ = nullptr;
    if (result != 0) Fail("cannot be written");
  }

  [[nodiscard]] const std::string& error() const { return error_; }
  [[nodiscard]] std::int64_t files() const { return files_; }

 private:
  void Fail(std::string_view what) {
    if (!error_.empty()) return;
    const std::error_code code(errno, std::generic_category());
    error_ = path_.string() + " " + std::string(what) + ": " + code.message();
  }

  std::filesystem::path dir_;
  std::function<void(std::string_view part)> progress_;
  std::filesystem::path path_;
  std::FILE* file_ = nullptr;
  std::string error_;
  std::int64_t files_ = 0;
};

// "0001-load.ndjson" or "2021-12.ndjson".
bool IsPartName(std::string_view name) {
  if (name == "0001-load.ndjson") return true;
  if (name.size() != 14 || name[4] != '-' || name.substr(7) != ".ndjson") return false;
  for (const std::size_t i : {0, 1, 2, 3, 5, 6}) {
    if (name[i] < '0' || name[i] > '9') return false;
  }
  return true;
}

// A replay reads every file of the folder, so the months of an earlier, longer run must go.
std::string PrepareFolder(const std::filesystem::path& dir) {
  std::error_code error;
  std::filesystem::create_directories(dir, error);
  if (error) return dir.string() + " cannot be created: " + error.message();
  std::vector<std::filesystem::path> old;
  for (const auto& entry : std::filesystem::directory_iterator(dir, error)) {
    if (IsPartName(entry.path().filename().string())) old.push_back(entry.path());
  }
  if (error) return dir.string() + " cannot be read: " + error.message();
  for (const auto& path : old) {
    if (!std::filesystem::remove(path, error) || error) return path.string() + " cannot be removed: " + error.message();
  }
  return {};
}

}  // namespace

std::string Validate(const GeneratorOptions& options, const std::vector<MunicipalityEra>& eras) {
  using std::chrono::sys_days, std::chrono::year, std::chrono::January;
  if (options.from >= options.to) return "from must be before to";
  if (options.from < sys_days{year{2005} / January / 1} || options.to > sys_days{year{2100} / January / 1}) {
    return "from and to must lie between 2005-01-01 and 2100-01-01";
  }
  if (!(options.scale > 0) || options.scale > 10) return "scale must be above 0 and at most 10";
  if (options.persons < 0 || options.persons * options.scale > 4'000'000)
    return "persons times scale must be 0 to 4000000";
  if (options.records < 0) return "records must not be negative";
  Rates rates;
  for (const RateInfo& rate : AllRates()) {
    std::string error = SetRate(rates, rate.name, options.rates.*rate.value);
    if (!error.empty()) return error;
  }
  if (options.late_max_hours < 0 || options.late_max_hours > 24 * 366) return "late_max_hours must be 0 to 8784";
  if (eras.empty() || eras.front().from > options.from) return "the first era must not begin after from";
  for (std::size_t i = 0; i < eras.size(); ++i) {
    if (i > 0 && eras[i].from <= eras[i - 1].from) return "eras must ascend";
    std::int64_t population = 0;
    for (const MunicipalitySeed& seed : eras[i].municipalities) {
      if (seed.number.size() != 4 || seed.number.find_first_not_of("0123456789") != std::string::npos) {
        return "municipality numbers must have four digits: " + seed.number;
      }
      if (seed.population < 0) return "populations must not be negative: " + seed.number;
      population += seed.population;
    }
    if (population == 0) return "an era needs inhabitants";
  }
  return {};
}

GeneratorSummary Generate(const GeneratorOptions& options, const std::vector<MunicipalityEra>& eras, RecordSink& sink) {
  GeneratorSummary summary;
  summary.error = Validate(options, eras);
  if (!summary.error.empty()) return summary;
  return std::make_unique<Run>(options, eras, sink)->Execute();
}

GeneratorSummary GenerateFiles(const GeneratorOptions& options, const std::vector<MunicipalityEra>& eras,
                               const std::filesystem::path& out_dir,
                               const std::function<void(std::string_view part)>& progress) {
  GeneratorSummary summary;
  summary.error = Validate(options, eras);
  if (!summary.error.empty()) return summary;
  summary.error = PrepareFolder(out_dir);
  if (!summary.error.empty()) return summary;
  FileSink sink(out_dir, progress);
  summary = Generate(options, eras, sink);
  sink.Close();
  summary.error = sink.error();
  summary.files = sink.files();
  return summary;
}

}  // namespace flosync::synthetic
