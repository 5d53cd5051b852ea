// What tests of the state are written with: records that read like sentences, and a Core over a real store.
//
// Every builder gives a record that is in order and has held since 2015; a test changes the one thing it is about.
//
//   CoreHarness h;
//   h.Tell(AList(1, "0301"), "2024-01-10T10:00:00Z");
//   h.Tell(ARegularGp(11, 1, 7), "2024-01-10T10:00:01Z");
//   h.Tell(But(ASpecialist(7), [](Person& p) { p.death = Day(2024, 1, 9); }), "2024-01-10T10:00:02Z");
//   h.Live("0301", "gp_specialist_share");  // 0 of 1
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/decoded_record.h"
#include "state/core/core.h"
#include "state/indicators/list_facts.h"
#include "state/register/register.h"

namespace flosync {

// Times. The process ends if the text is no time.
[[nodiscard]] Instant At(std::string_view text);     // with a zone, or a bare day: Oslo midnight
[[nodiscard]] WallTime Wall(std::string_view text);  // Oslo wall-clock time
[[nodiscard]] inline Period Since(Day from) { return {from, Day::Max()}; }
[[nodiscard]] inline Period Until(Day to) { return {Day::Min(), to}; }

// A record with one thing changed.
template <typename Record, typename Change>
[[nodiscard]] Record But(Record record, const Change& change) {
  change(record);
  return record;
}

// Born 1975, a man, authorised since 2003.
[[nodiscard]] Person ADoctor(int32_t number, std::string_view updated = "2020-01-01T00:00:00");
// The same, with the speciality in general practice since 2009.
[[nodiscard]] Person ASpecialist(int32_t number, std::string_view updated = "2020-01-01T00:00:00");
// Replaced by another number (R5).
[[nodiscard]] Person AnAlias(int32_t number, int32_t of, std::string_view updated = "2020-01-01T00:00:00");
// Valid since 2015-01-01, room for 1 000 patients.
[[nodiscard]] Contract AList(int64_t id, std::string municipality = "0301",
                             std::string_view updated = "2015-01-01T00:00:00");
// LPFL, LPVI and LPDL since 2015-01-01 if nothing else is said.
inline const Day kRegularSince(2015, 1, 1);
[[nodiscard]] DoctorPeriod ARegularGp(int64_t id, int64_t contract, int32_t doctor,
                                      Period period = Since(kRegularSince),
                                      std::string_view updated = "2015-01-01T00:00:00");
[[nodiscard]] DoctorPeriod ASubstitute(int64_t id, int64_t contract, int32_t doctor,
                                       Period period = Since(kRegularSince));
[[nodiscard]] DoctorPeriod ASharedListDoctor(int64_t id, int64_t contract, int32_t doctor);
[[nodiscard]] PatientCount Patients(int64_t contract, int32_t patients,
                                    std::string_view counted = "2020-01-01T00:00:00");
[[nodiscard]] Deletion WithoutPerson(int32_t number);
[[nodiscard]] Deletion WithoutList(int64_t contract);
[[nodiscard]] Deletion WithoutDoctorPeriod(int64_t id);
[[nodiscard]] Deletion WithoutPatients(int64_t contract);

// The records of one entity, folded in the order given; each stands behind the one before.
class History {
 public:
  explicit History(EntityKind kind) : kind_(kind), state_(EmptyState(kind)) {}
  Effect Add(RegisterChange change, std::string_view at);
  // PersonState, ContractState, DoctorPeriodState or PatientCountState.
  template <typename State>
  [[nodiscard]] const State& Get() const {
    return std::get<State>(state_);
  }
  // What each record did, as the whole history tells (E4).
  [[nodiscard]] std::vector<Effect> Effects() const { return Fold(kind_, records_).effects; }

 private:
  EntityKind kind_;
  EntityState state_;
  std::vector<PositionedChange> records_;
};

// A register in memory without store or core: for the rules of one list.
class SmallRegister {
 public:
  // Adds a record known since 2020 if nothing else is said.
  SmallRegister& Know(const RegisterChange& change, std::string_view at = "2020-01-01T12:00:00Z");
  // The facts of a list for a reference date, at t(d).
  [[nodiscard]] std::optional<ListFacts> List(int64_t contract, Day d) const;
  [[nodiscard]] DerivedList Derive(int64_t contract, const Moment& at) const {
    return DeriveList(register_, contract, at);
  }
  [[nodiscard]] const Register& reg() const { return register_; }

 private:
  [[nodiscard]] EntityState StateOf(const EntityId& entity) const;
  Register register_;
  int64_t next_offset_ = 0;
};

// The sources: gives every record the next offset of its partition.
class Inbox {
 public:
  // On the topic of the change; a deletion on that of its entity.
  [[nodiscard]] DecodedRecord Next(RegisterChange change, Instant at, int32_t partition = 0);
  [[nodiscard]] DecodedRecord NextOn(Topic topic, RegisterChange change, Instant at, int32_t partition = 0);
  // A batch of patient counts in one record.
  [[nodiscard]] DecodedRecord NextBatch(const std::vector<PatientCount>& counts, Instant at);
  // A record from which nothing was taken.
  [[nodiscard]] DecodedRecord NextRefused(Topic topic, DeviationNote note, Instant at, int32_t partition = 0);

 private:
  [[nodiscard]] DecodedRecord Empty(Topic topic, Instant at, int32_t partition);
  std::map<std::pair<Topic, int32_t>, int64_t> next_offset_;
};

// A directory of its own, in memory where the machine allows, gone when it goes.
class ScratchDirectory {
 public:
  ScratchDirectory();
  ~ScratchDirectory();
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// "0301 gp_count all.lt40" → numerator and denominator, absent ones 0; of the measures that the plain model counts,
// zeros left out.
using CellMap = std::map<std::string, Cell>;
// "0301 gp_count all.lt40" → what is shown, of every figure; empty ones left out.
using FigureMap = std::map<std::string, Figure>;
[[nodiscard]] std::string CellName(std::string_view area, std::string_view measure, std::string_view breakdown);

// Is it of a measure that the plain model counts?
[[nodiscard]] bool CountedPlainly(const std::string& cell_name);

// An update of the feed, in the order published, of the same measures.
struct FeedEntry {
  int64_t revision = 0;
  std::string cell;
  std::optional<Cell> before;
  std::optional<Cell> after;
  std::optional<Position> cause;
  Day reference_day;
};

class CoreHarness {
 public:
  CoreHarness();
  // One commit of one record; the clock goes to the greatest timestamp read.
  CommitResult Tell(RegisterChange change, std::string_view at, int32_t partition = 0);
  // `again`: records that were refused before, as they are decoded now.
  CommitResult Commit(std::vector<DecodedRecord> records, std::optional<Instant> now = std::nullopt,
                      std::vector<DecodedRecord> again = {});
  CommitResult MoveClock(std::string_view now);
  // Every commit from here on says that the register is whole, so that alerts are derived.
  void BeginAlerts() { whole_ = true; }
  // Operational conditions as the daemon would observe them.
  CommitResult Observe(std::vector<Condition> observed, std::string_view now);
  // The process dies and starts again.
  void Restart();

  [[nodiscard]] Cell Live(std::string_view area, std::string_view measure, std::string_view breakdown = "all") const;
  [[nodiscard]] CellMap LiveCells() const;
  [[nodiscard]] FigureMap LiveFigures() const;
  [[nodiscard]] FigureMap StoredFigures() const;
  // What the register shows at the moment of the live figures, counted from nothing.
  [[nodiscard]] FigureMap CountedAnew() const;
  [[nodiscard]] CellMap StoredCells() const;
  [[nodiscard]] std::vector<FeedEntry> Feed() const;
  [[nodiscard]] std::vector<Deviation> Deviations() const;
  [[nodiscard]] std::string Digest() const;

  [[nodiscard]] Core& core() { return *core_; }
  [[nodiscard]] const Core& core() const { return *core_; }
  [[nodiscard]] Store& store() const { return *store_; }
  [[nodiscard]] Inbox& inbox() { return inbox_; }
  [[nodiscard]] const std::string& directory() const { return directory_.path(); }

 private:
  ScratchDirectory directory_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<const Geography> geography_;
  std::unique_ptr<Core> core_;
  Inbox inbox_;
  bool whole_ = false;
};

// "12/34", so that failures can be read.
void PrintTo(const Cell& cell, std::ostream* out);
void PrintTo(const Figure& figure, std::ostream* out);
void PrintTo(const Day& day, std::ostream* out);
void PrintTo(const Period& period, std::ostream* out);
void PrintTo(const Instant& instant, std::ostream* out);
void PrintTo(const WallTime& wall, std::ostream* out);

}  // namespace flosync
