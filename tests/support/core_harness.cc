#include "tests/support/core_harness.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <ostream>
#include <set>

#include "domain/text.h"
#include "state/geography/stored_tables.h"
#include "state/register/stored_register.h"
#include "state/snapshots/schedule.h"
#include "state/snapshots/snapshot.h"
#include "state/store/codec.h"
#include "state/store/figure_codec.h"
#include "state/store/keys.h"
#include "tests/support/must.h"

namespace flosync {
namespace {

// The value, or the end of the process with what was asked for: a broken test, not a finding.
template <typename T>
T Known(std::optional<T> value, std::string_view what) {
  if (!value) {
    std::fprintf(stderr, "the test asks for what there is not: %s\n", std::string(what).c_str());
    std::abort();
  }
  return *std::move(value);
}

Topic TopicOf(const RegisterChange& change) {
  if (std::holds_alternative<Merge>(change)) return Topic::kEvent;
  switch (EntityOf(change).kind) {
    case EntityKind::kContract:
      return Topic::kContract;
    case EntityKind::kDoctorPeriod:
      return Topic::kDoctorPeriod;
    case EntityKind::kPatientCount:
      return Topic::kPatientCount;
    case EntityKind::kPerson:
      break;
  }
  return Topic::kPerson;
}

DoctorPeriod OnList(std::string relationship, int64_t id, int64_t contract, int32_t doctor, Period period) {
  DoctorPeriod p;
  p.id = id;
  p.contract_id = contract;
  p.hpr_number = doctor;
  p.updated = Wall("2015-01-01T00:00:00");
  p.period = period;
  p.relationship = std::move(relationship);
  return p;
}

// Absent parts as 0.
Cell ToCell(const Figure& figure) { return {figure.numerator.value_or(0), figure.denominator.value_or(0)}; }

std::optional<Cell> ReadCell(bool present, const store::v1::StoredFigure& in) {
  return present ? std::optional(ToCell(ReadFigure(in))) : std::nullopt;
}

CellMap PlainCellsOf(const FigureMap& figures) {
  CellMap cells;
  for (const auto& [name, figure] : figures) {
    if (CountedPlainly(name) && !(ToCell(figure) == Cell{})) cells[name] = ToCell(figure);
  }
  return cells;
}

std::string NameOf(const CellTable& cells, int32_t i) {
  return CellName(cells.AreaOf(i).code, cells.EntryOf(i).measure->id(), cells.EntryOf(i).breakdown_name());
}

}  // namespace

bool CountedPlainly(const std::string& cell_name) {
  static const std::set<std::string, std::less<>> measures = {
      "gp_count",   "gp_specialist_share",  "gps_per_10000_listed",
      "list_count", "list_unstaffed_share", "persons_listed"};
  return measures.contains(Split(cell_name, ' ')[1]);
}

Instant At(std::string_view text) { return Known(ParseInstant(text), text); }
WallTime Wall(std::string_view text) { return Known(ParseWallTime(text), text); }

Person ADoctor(int32_t number, std::string_view updated) {
  Person person;
  person.hpr_number = number;
  person.updated = Wall(updated);
  person.birth_year = 1975;
  person.sex = Sex::kMale;
  Approval approval;
  approval.type = "1";
  approval.period = Since(Day(2003, 1, 1));
  person.approvals.push_back(approval);
  return person;
}

Person ASpecialist(int32_t number, std::string_view updated) {
  Person person = ADoctor(number, updated);
  Speciality speciality;
  speciality.code = "1";
  speciality.code_system = "7426";
  speciality.period = Since(Day(2009, 1, 1));
  person.approvals[0].specialities.push_back(speciality);
  return person;
}

Person AnAlias(int32_t number, int32_t of, std::string_view updated) {
  Person person = ADoctor(number, updated);
  person.replaced_by = of;
  return person;
}

Contract AList(int64_t id, std::string municipality, std::string_view updated) {
  Contract contract;
  contract.id = id;
  contract.updated = Wall(updated);
  contract.period = Since(Day(2015, 1, 1));
  contract.municipality = std::move(municipality);
  contract.list_cap = 1000;
  return contract;
}

DoctorPeriod ARegularGp(int64_t id, int64_t contract, int32_t doctor, Period period, std::string_view updated) {
  DoctorPeriod p = OnList("LPFL", id, contract, doctor, period);
  p.updated = Wall(updated);
  return p;
}

DoctorPeriod ASubstitute(int64_t id, int64_t contract, int32_t doctor, Period period) {
  return OnList("LPVI", id, contract, doctor, period);
}

DoctorPeriod ASharedListDoctor(int64_t id, int64_t contract, int32_t doctor) {
  return OnList("LPDL", id, contract, doctor, Since(Day(2015, 1, 1)));
}

PatientCount Patients(int64_t contract, int32_t patients, std::string_view counted) {
  return {contract, patients, Wall(counted)};
}

Deletion WithoutPerson(int32_t number) { return {{EntityKind::kPerson, number}}; }
Deletion WithoutList(int64_t contract) { return {{EntityKind::kContract, contract}}; }
Deletion WithoutDoctorPeriod(int64_t id) { return {{EntityKind::kDoctorPeriod, id}}; }
Deletion WithoutPatients(int64_t contract) { return {{EntityKind::kPatientCount, contract}}; }

Effect History::Add(RegisterChange change, std::string_view at) {
  const auto offset = static_cast<int64_t>(records_.size());
  const Topic topic = TopicOf(change);
  records_.push_back({{At(at), topic, 0, offset, 0}, ToHistory(std::move(change))});
  return FoldNext(state_, records_.back());
}

EntityState SmallRegister::StateOf(const EntityId& entity) const {
  const auto number = static_cast<int32_t>(entity.id);
  EntityState state = EmptyState(entity.kind);
  if (entity.kind == EntityKind::kPerson && register_.FindPerson(number)) state = *register_.FindPerson(number);
  if (entity.kind == EntityKind::kContract && register_.FindContract(entity.id))
    state = *register_.FindContract(entity.id);
  if (entity.kind == EntityKind::kDoctorPeriod && register_.FindDoctorPeriod(entity.id)) {
    state = *register_.FindDoctorPeriod(entity.id);
  }
  if (entity.kind == EntityKind::kPatientCount && register_.FindPatientCount(entity.id)) {
    state = *register_.FindPatientCount(entity.id);
  }
  return state;
}

SmallRegister& SmallRegister::Know(const RegisterChange& change, std::string_view at) {
  const EntityId entity = EntityOf(change);
  EntityState state = StateOf(entity);
  (void)FoldNext(state, {{At(at), TopicOf(change), 0, next_offset_++, 0}, ToHistory(change)});
  PutState(register_, entity, std::move(state));
  return *this;
}

std::optional<ListFacts> SmallRegister::List(int64_t contract, Day d) const {
  return Derive(contract, Moment::AtDate(d, kCutoffDelay)).facts;
}

DecodedRecord Inbox::Empty(Topic topic, Instant at, int32_t partition) {
  DecodedRecord record;
  record.outcome = RecordOutcome::kChanges;
  record.topic = topic;
  record.partition = partition;
  record.offset = next_offset_[{topic, partition}]++;
  record.timestamp = at;
  return record;
}

DecodedRecord Inbox::NextOn(Topic topic, RegisterChange change, Instant at, int32_t partition) {
  DecodedRecord record = Empty(topic, at, partition);
  record.changes.push_back({std::move(change), 0});
  return record;
}

DecodedRecord Inbox::Next(RegisterChange change, Instant at, int32_t partition) {
  const Topic topic = TopicOf(change);
  return NextOn(topic, std::move(change), at, partition);
}

DecodedRecord Inbox::NextBatch(const std::vector<PatientCount>& counts, Instant at) {
  DecodedRecord record = Empty(Topic::kPatientCount, at, 0);
  for (const PatientCount& count : counts) {
    record.changes.push_back({count, static_cast<int32_t>(record.changes.size())});
  }
  return record;
}

DecodedRecord Inbox::NextRefused(Topic topic, DeviationNote note, Instant at, int32_t partition) {
  DecodedRecord record = Empty(topic, at, partition);
  record.outcome = RecordOutcome::kRefused;
  record.refused = 1;
  record.notes.push_back(std::move(note));
  return record;
}

ScratchDirectory::ScratchDirectory() {
  const std::filesystem::path memory = "/dev/shm";
  const bool usable = ::access(memory.c_str(), W_OK) == 0;
  path_ = ((usable ? memory : std::filesystem::temp_directory_path()) / "flosync-test-XXXXXX").string();
  if (::mkdtemp(path_.data()) == nullptr) std::abort();
}

ScratchDirectory::~ScratchDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string CellName(std::string_view area, std::string_view measure, std::string_view breakdown) {
  return Join(area, " ", measure, " ", breakdown);
}

CoreHarness::CoreHarness() { Restart(); }

void CoreHarness::Restart() {
  core_.reset();
  store_.reset();
  store_ = Must(Store::Open(directory_.path()));
  geography_ = Must(LoadGeography(View(*store_)));
  core_ = Must(Core::Open(store_.get(), geography_.get(), "epoch-1"));
}

CommitResult CoreHarness::Tell(RegisterChange change, std::string_view at, int32_t partition) {
  return Commit({inbox_.Next(std::move(change), At(at), partition)});
}

CommitResult CoreHarness::Commit(std::vector<DecodedRecord> records, std::optional<Instant> now,
                                 std::vector<DecodedRecord> again) {
  CommitInput input;
  input.records = std::move(records);
  input.again = std::move(again);
  input.now = now;
  input.whole = whole_;
  return Must(core_->Commit(std::move(input)));
}

CommitResult CoreHarness::Observe(std::vector<Condition> observed, std::string_view now) {
  CommitInput input;
  input.now = At(now);
  input.observed = std::move(observed);
  return Must(core_->Commit(std::move(input)));
}

CommitResult CoreHarness::MoveClock(std::string_view now) { return Commit({}, At(now)); }

Cell CoreHarness::Live(std::string_view area, std::string_view measure, std::string_view breakdown) const {
  const std::string name = CellName(area, measure, breakdown);
  const CellTable& cells = core_->live().cells();
  for (int32_t i = 0; i < cells.size(); ++i) {
    if (NameOf(cells, i) == name) return ToCell(core_->live().told(i));
  }
  return Known(std::optional<Cell>(), name);
}

CellMap CoreHarness::LiveCells() const { return PlainCellsOf(LiveFigures()); }
CellMap CoreHarness::StoredCells() const { return PlainCellsOf(StoredFigures()); }

FigureMap CoreHarness::LiveFigures() const {
  FigureMap figures;
  const CellTable& cells = core_->live().cells();
  for (int32_t i = 0; i < cells.size(); ++i) {
    const Figure& told = core_->live().told(i);
    if (!(told == EmptyFigure(cells.EntryOf(i)))) figures[NameOf(cells, i)] = told;
  }
  return figures;
}

FigureMap CoreHarness::StoredFigures() const {
  FigureMap figures;
  const View view(*store_);
  Must(view.Each(Family::kCells, "", [&](std::string_view key, std::string_view value) {
    KeyReader reader(key);
    reader.Byte();
    const std::string area = reader.Text();
    const std::string measure = reader.Text();
    figures[CellName(area, measure, reader.Text())] = ReadFigure(Must(ParseStored<store::v1::StoredFigure>(value)));
    return true;
  }));
  return figures;
}

FigureMap CoreHarness::CountedAnew() const {
  const LiveIndicators& live = core_->live();
  CellTable cells(&live.cells().frame(), &live.cells().plan());
  for (const auto& [id, contract] : core_->reg().contracts()) {
    cells.SetList(id, DeriveList(core_->reg(), id, live.moment()).facts);
  }
  FigureMap figures;
  for (int32_t i = 0; i < cells.size(); ++i) {
    if (!cells.Exists(i)) continue;
    Figure figure = cells.Show(i, live.moment().d);
    if (!(figure == EmptyFigure(cells.EntryOf(i)))) figures[NameOf(cells, i)] = std::move(figure);
  }
  return figures;
}

std::vector<FeedEntry> CoreHarness::Feed() const {
  std::vector<FeedEntry> feed;
  const View view(*store_);
  Must(view.Each(
      Family::kFeed, "",
      [&](std::string_view key, std::string_view value) {
        KeyReader reader(key);
        const int64_t revision = reader.Number64();
        if (reader.Number32() == 0) return true;
        const auto in = Must(ParseStored<store::v1::StoredUpdate>(value));
        FeedEntry entry{revision,
                        CellName(in.area_code(), in.measure(), in.breakdown()),
                        ReadCell(in.has_before(), in.before()),
                        ReadCell(in.has_after(), in.after()),
                        std::nullopt,
                        Day::FromEpochDays(in.reference_day())};
        if (!CountedPlainly(entry.cell)) return true;
        if (in.cause().has_record()) entry.cause = Read(in.cause().record());
        feed.push_back(std::move(entry));
        return true;
      },
      FeedKey(0, 0)));
  return feed;
}

std::vector<Deviation> CoreHarness::Deviations() const { return Must(ReadDeviations(View(*store_))); }
std::string CoreHarness::Digest() const { return Must(StateDigest(View(*store_))); }

void PrintTo(const Cell& cell, std::ostream* out) { *out << cell.numerator << "/" << cell.denominator; }
void PrintTo(const Figure& figure, std::ostream* out) {
  const auto number = [](const std::optional<int64_t>& n) { return n ? std::to_string(*n) : std::string("-"); };
  *out << number(figure.numerator) << "/" << number(figure.denominator) << " = " << figure.value;
}
void PrintTo(const Day& day, std::ostream* out) {
  if (day == Day::Min() || day == Day::Max()) {
    *out << "open";
  } else {
    *out << day.ToString();
  }
}
void PrintTo(const Period& period, std::ostream* out) {
  *out << "[";
  PrintTo(period.from, out);
  *out << ", ";
  PrintTo(period.to, out);
  *out << ")";
}
void PrintTo(const Instant& instant, std::ostream* out) { *out << FormatUtc(instant); }
void PrintTo(const WallTime& wall, std::ostream* out) { *out << wall.ToString(); }

}  // namespace flosync
