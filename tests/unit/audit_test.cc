#include "state/audit/audit.h"

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "state/store/codec.h"
#include "state/store/figure_codec.h"
#include "state/store/keys.h"
#include "tests/support/core_harness.h"

// The self-audit finds nothing in what is right, and names what is not: figures and heads spoilt on the disk, and
// figures counted by a rule that is broken. That it finds nothing in random histories is in state_property_test.cc.
namespace flosync {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

const std::string kStatistics = "gp-statistics/1.0";

absl::StatusOr<AuditReport> TryAudit(
    CoreHarness& h, const GoOn& go_on = [] { return true; }) {
  const View view(h.store());
  return AuditLive(view, Geography::Shipped(), Definitions::Shipped(), go_on);
}

AuditReport Audit(CoreHarness& h) { return TryAudit(h).value(); }

void Write(CoreHarness& h, const std::function<void(Batch&)>& write) {
  Batch batch(h.store());
  write(batch);
  ASSERT_TRUE(h.store().Commit(batch).ok());
}

std::string NationKey(std::string_view measure, std::string_view breakdown) {
  return CellKey(static_cast<uint8_t>(Level::kNation), "NO", measure, breakdown, kStatistics);
}

std::vector<std::string> Names(const AuditReport& report) {
  std::vector<std::string> names;
  for (const FigureDifference& difference : report.figures) names.push_back(Describe(difference.name));
  return names;
}

// "measure breakdown" of the differences at the nation.
std::set<std::string> AtNation(const AuditReport& report) {
  std::set<std::string> names;
  for (const FigureDifference& difference : report.figures) {
    if (difference.name.area == "NO") names.insert(difference.name.measure + " " + difference.name.breakdown);
  }
  return names;
}

// Staffed lists in Oslo (1) and Utsira (2, with a fixed salary, and 4, new), an unstaffed one in Bergen (3). Doctor 7,
// a specialist, has been on list 1 for two periods that touch; doctor 8 is known as 88 as well.
class SelfAudit : public ::testing::Test {
 protected:
  SelfAudit() {
    Tell(AList(1, "0301"));
    Tell(But(AList(2, "1151"), [](Contract& c) { c.fixed_salary = true; }));
    Tell(But(AList(3, "4601"), [](Contract& c) { c.list_cap = 400; }));
    Tell(AList(4, "1151"));
    Tell(ARegularGp(15, 4, 10, Since(Day(2023, 6, 1))));
    Tell(ADoctor(10));
    Tell(Patients(4, 200));
    Tell(ARegularGp(11, 1, 7, {Day(2018, 1, 1), Day(2022, 1, 1)}));
    Tell(ARegularGp(12, 1, 7, Since(Day(2022, 1, 1))));
    Tell(ARegularGp(13, 2, 88));
    Tell(ARegularGp(14, 3, 9, {Day(2019, 1, 1), Day(2024, 1, 10)}));
    Tell(ASpecialist(7));
    Tell(ADoctor(8));
    Tell(But(AnAlias(88, 8), [](Person& p) { p.birth_year = 1990; }));
    Tell(ADoctor(9));
    for (int64_t list = 1; list <= 3; ++list) Tell(Patients(list, static_cast<int32_t>(list * 300)));
    Tell(Patients(1, 950, "2024-01-20T00:00:00"));
    h_.MoveClock("2024-01-15T12:00:00Z");
  }
  void Tell(RegisterChange change) { h_.Tell(std::move(change), "2024-01-12T10:00:00Z"); }

  // Stores the figures that a broken derivation gives: counted from a register or from facts that were tampered with.
  void StoreFigures(const std::function<void(Register&)>& tamper_register,
                    const std::function<void(ListFacts&)>& tamper_facts) {
    Register reg = h_.core().reg();
    tamper_register(reg);
    const LiveIndicators& live = h_.core().live();
    CellTable cells(&live.cells().frame(), &live.cells().plan());
    for (const auto& [id, contract] : reg.contracts()) {
      auto facts = DeriveList(reg, id, live.moment()).facts;
      if (facts) tamper_facts(*facts);
      cells.SetList(id, std::move(facts));
    }
    Write(h_, [&](Batch& batch) {
      batch.DeleteRange(Family::kCells, "", "\xff");
      for (int32_t i = 0; i < cells.size(); ++i) {
        const Figure figure = cells.Show(i, live.moment().d);
        if (!cells.Exists(i) || figure == EmptyFigure(cells.EntryOf(i))) continue;
        store::v1::StoredFigure stored;
        WriteFigure(figure, &stored);
        batch.Put(Family::kCells, FigureKey(cells.AreaOf(i), cells.EntryOf(i)), stored.SerializeAsString());
      }
    });
  }
  // What the audit says at the nation when the register is read wrongly.
  template <typename State>
  std::set<std::string> WithBroken(int32_t id, const std::function<void(State&)>& breaks) {
    StoreFigures(
        [&](Register& reg) {
          State broken = Find<State>(reg, id);
          breaks(broken);
          reg.Put(id, std::move(broken));
        },
        [](ListFacts&) {});
    return AtNation(Audit(h_));
  }
  std::set<std::string> WithBrokenFacts(const std::function<void(ListFacts&)>& breaks) {
    StoreFigures([](Register&) {}, breaks);
    return AtNation(Audit(h_));
  }

  // Spoils the head of an entity on the disk.
  template <typename State>
  void SpoilHead(const EntityId& entity, const std::function<void(State&)>& spoil) {
    const std::string key = EntityKey(entity);
    auto head = DecodeHead(**View(h_.store()).Get(Family::kHeads, key)).value();
    spoil(std::get<State>(head));
    Write(h_, [&](Batch& batch) { batch.Put(Family::kHeads, key, EncodeHead(head)); });
  }

  CoreHarness h_;

 private:
  template <typename State>
  static State Find(const Register& reg, int32_t id) {
    if constexpr (std::is_same_v<State, PersonState>) return *reg.FindPerson(id);
    if constexpr (std::is_same_v<State, DoctorPeriodState>) return *reg.FindDoctorPeriod(id);
    if constexpr (std::is_same_v<State, PatientCountState>) return *reg.FindPatientCount(id);
  }
};

TEST_F(SelfAudit, FindsNothingInWhatIsRight) {
  const AuditReport report = Audit(h_);
  EXPECT_TRUE(report.ok());
  EXPECT_EQ(report.instant, At("2024-01-15T12:00:00Z"));
  EXPECT_EQ(report.reference_day, Day(2024, 1, 15));
  EXPECT_EQ(report.revision, h_.core().revision());
  EXPECT_EQ(report.figures_compared, static_cast<int64_t>(h_.StoredFigures().size()));
  EXPECT_EQ(report.heads_compared, 4 + 5 + 5 + 4);
}

TEST_F(SelfAudit, KnowsEveryLiveFigureThatThereIs) {
  std::set<std::string> measures;
  for (const auto& [name, figure] : h_.StoredFigures()) {
    if (name.starts_with("NO ")) measures.insert(name.substr(3, name.find(' ', 3) - 3));
  }
  size_t live = 0;
  for (const Measure* measure : Measures()) live += measure->windowed() ? 0 : 1;
  EXPECT_EQ(measures.size(), live);
}

TEST_F(SelfAudit, SaysThatThereIsNothingYet) {
  CoreHarness empty;
  EXPECT_TRUE(absl::IsFailedPrecondition(TryAudit(empty).status()));
}

TEST_F(SelfAudit, EndsWhenItIsTold) {
  EXPECT_TRUE(absl::IsCancelled(TryAudit(h_, [] { return false; }).status()));
}

TEST_F(SelfAudit, NamesTheOneFigureThatWasSpoilt) {
  store::v1::StoredFigure spoilt;
  WriteFigure({4, std::nullopt, "4"}, &spoilt);
  Write(h_, [&](Batch& b) { b.Put(Family::kCells, NationKey("gp_count", "all.all"), spoilt.SerializeAsString()); });
  const AuditReport report = Audit(h_);
  EXPECT_EQ(report.difference_count, 1);
  ASSERT_THAT(Names(report), ElementsAre("NO gp_count all.all gp-statistics/1.0"));
  EXPECT_EQ(report.figures[0].stored, (Figure{4, std::nullopt, "4"}));
  EXPECT_EQ(report.figures[0].recomputed, (Figure{3, std::nullopt, "3"}));
}

TEST_F(SelfAudit, NamesAFigureWhoseRoundingIsWrong) {
  store::v1::StoredFigure spoilt;
  WriteFigure({1, 4, "25.1"}, &spoilt);
  Write(h_,
        [&](Batch& b) { b.Put(Family::kCells, NationKey("list_unstaffed_share", "all"), spoilt.SerializeAsString()); });
  EXPECT_THAT(Names(Audit(h_)), ElementsAre("NO list_unstaffed_share all gp-statistics/1.0"));
}

TEST_F(SelfAudit, NamesFiguresThatAreMissingTooManyOrUnreadable) {
  Write(h_, [](Batch& b) {
    b.Delete(Family::kCells, NationKey("list_count", "all"));
    b.Put(Family::kCells, NationKey("list_count", "staffed"), "\xff\xff");
    b.Put(Family::kCells, CellKey(3, "0304", "list_count", "all", kStatistics), "\x08\x01\x1a\x01\x31");
  });
  const AuditReport report = Audit(h_);
  ASSERT_THAT(Names(report),
              ElementsAre("NO list_count all gp-statistics/1.0", "NO list_count staffed gp-statistics/1.0",
                          "0304 list_count all gp-statistics/1.0"));
  EXPECT_EQ(report.figures[0].stored, std::nullopt);
  EXPECT_EQ(report.figures[1].stored->value, "unreadable");
  EXPECT_EQ(report.figures[2].recomputed, std::nullopt);
}

TEST_F(SelfAudit, NamesFiguresOfADefinitionThatTheStoreHasNotNoted) {
  Write(h_, [](Batch& b) { b.Put(Family::kCells, CellKey(0, "NO", "gp_count", "all.all", "mine/1.0"), "\x08\x01"); });
  EXPECT_THAT(Names(Audit(h_)), ElementsAre("NO gp_count all.all mine/1.0"));
  h_.Restart();
  h_.MoveClock("2024-01-16T12:00:00Z");
  EXPECT_THAT(Names(Audit(h_)), ElementsAre("NO gp_count all.all mine/1.0")) << "and they are not put away in silence";
}

TEST_F(SelfAudit, PassesOverFiguresOfADefinitionThatIsNotedAndNotGiven) {
  const std::string noted = **View(h_.store()).Get(Family::kMeta, kDefinitionsKey);
  Write(h_, [&](Batch& b) {
    b.Put(Family::kCells, CellKey(0, "NO", "gp_count", "all.all", "mine/1.0"), "\x08\x01");
    b.Put(Family::kMeta, kDefinitionsKey, "mine/1.0\n" + noted);
  });
  EXPECT_TRUE(Audit(h_).ok());
}

TEST_F(SelfAudit, CountsEveryDifferenceAndNamesTheFirst) {
  Write(h_, [](Batch& b) {
    for (size_t i = 0; i < kMaxDifferences + 5; ++i) {
      b.Put(Family::kCells, CellKey(3, "x" + std::to_string(i), "list_count", "all", kStatistics), "\x08\x01");
    }
  });
  const AuditReport report = Audit(h_);
  EXPECT_EQ(report.difference_count, static_cast<int64_t>(kMaxDifferences) + 5);
  EXPECT_EQ(report.figures.size(), kMaxDifferences);
}

TEST_F(SelfAudit, RepairsNothing) {
  Write(h_, [](Batch& b) { b.Delete(Family::kCells, NationKey("list_count", "all")); });
  const std::string before = h_.Digest();
  EXPECT_EQ(Audit(h_).difference_count, 1);
  EXPECT_EQ(h_.Digest(), before);
  EXPECT_EQ(Audit(h_).difference_count, 1);
}

TEST_F(SelfAudit, NamesHeadsThatWereSpoilt) {
  SpoilHead<PersonState>({EntityKind::kPerson, 7}, [](PersonState& s) { s.facts.specialist.clear(); });
  SpoilHead<PersonState>({EntityKind::kPerson, 88}, [](PersonState& s) { s.replaced_by = 9; });
  SpoilHead<ContractState>({EntityKind::kContract, 2}, [](ContractState& s) { s.versions[0].municipality = "1101"; });
  SpoilHead<DoctorPeriodState>({EntityKind::kDoctorPeriod, 14}, [](DoctorPeriodState& s) { s.withdrawn = true; });
  SpoilHead<PatientCountState>({EntityKind::kPatientCount, 1}, [](PatientCountState& s) { s.versions.pop_back(); });
  Write(h_, [](Batch& b) {
    b.Delete(Family::kHeads, EntityKey({EntityKind::kContract, 3}));
    b.Put(Family::kHeads, EntityKey({EntityKind::kPerson, 9}), "\xff\xff");
  });
  const AuditReport report = Audit(h_);
  std::vector<std::string> found;
  for (const HeadDifference& d : report.heads) found.push_back(FormatEntity(d.entity) + ": " + d.what);
  EXPECT_THAT(found, ElementsAre("person:7: specialist", "person:9: cannot be read", "person:88: replaced by",
                                 "contract:2: a version", "contract:3: is not there", "doctor_period:14: withdrawn",
                                 "patient_count:1: a version is missing"));
  EXPECT_THAT(report.figures, IsEmpty());
  EXPECT_EQ(report.difference_count, 7);
}

TEST_F(SelfAudit, FindsTheFiguresOfARegisterSpoiltInMemory) {
  // The spoilt head is believed after a restart, and what it gives is told and stored with the next commit.
  SpoilHead<DoctorPeriodState>({EntityKind::kDoctorPeriod, 12}, [](DoctorPeriodState& s) { s.withdrawn = true; });
  h_.Restart();
  h_.Tell(Patients(2, 610, "2024-01-13T00:00:00"), "2024-01-15T13:00:00Z");
  const AuditReport report = Audit(h_);
  EXPECT_TRUE(AtNation(report).contains("gp_count all.all"));
  EXPECT_TRUE(AtNation(report).contains("list_count staffed"));
  EXPECT_THAT(report.heads, ::testing::SizeIs(1));
}

TEST_F(SelfAudit, R10_APeriodThatIsForgotten) {
  const auto wrong = WithBroken<DoctorPeriodState>(12, [](DoctorPeriodState& s) { s.withdrawn = true; });
  for (const char* name : {"gp_count all.all", "gp_specialist_share all", "list_count staffed", "list_count unstaffed",
                           "persons_listed on_unstaffed", "contract_duration_mean all"}) {
    EXPECT_TRUE(wrong.contains(name)) << name;
  }
}

TEST_F(SelfAudit, R2_APeriodThatIsReadAsInclusive) {
  const auto wrong =
      WithBroken<DoctorPeriodState>(14, [](DoctorPeriodState& s) { s.latest.period.to = Day(2024, 1, 16); });
  EXPECT_TRUE(wrong.contains("list_count staffed"));
  EXPECT_TRUE(wrong.contains("gp_entered_not_specialist all"));
}

TEST_F(SelfAudit, R11_ASpecialistWhoIsNotSeen) {
  EXPECT_THAT(WithBroken<PersonState>(7, [](PersonState& s) { s.facts.specialist.clear(); }),
              UnorderedElementsAre("gp_specialist_share 40_60", "gp_specialist_share all",
                                   "gp_entered_not_specialist all", "municipality_all_specialists all"));
}

TEST_F(SelfAudit, R13_AnAgeThatIsReadWrongly) {
  EXPECT_THAT(WithBroken<PersonState>(7, [](PersonState& s) { s.facts.birth_year = 1950; }),
              UnorderedElementsAre("gp_count all.40_60", "gp_count all.gt60", "gp_count all.ge67",
                                   "gp_count male.40_60", "gp_count male.gt60", "gp_count male.ge67",
                                   "gp_specialist_share 40_60", "gp_specialist_share gt60"));
}

TEST_F(SelfAudit, R5_AnAliasThatIsNotFollowed) {
  EXPECT_THAT(WithBroken<PersonState>(88, [](PersonState& s) { s.replaced_by = 0; }),
              UnorderedElementsAre("gp_count all.40_60", "gp_count all.lt40", "gp_count male.40_60",
                                   "gp_count male.lt40", "gp_specialist_share 40_60", "gp_specialist_share lt40"));
}

TEST_F(SelfAudit, R7_ACountOfTheFutureThatIsBelieved) {
  const auto wrong = WithBroken<PatientCountState>(
      1, [](PatientCountState& s) { s.versions.back().counted = Wall("2024-01-14T00:00:00"); });
  EXPECT_TRUE(wrong.contains("persons_listed all"));
  EXPECT_TRUE(wrong.contains("list_length_mean all"));
  EXPECT_TRUE(wrong.contains("list_length_median staffed"));
  EXPECT_TRUE(wrong.contains("gps_per_10000_listed all"));
}

TEST_F(SelfAudit, R15_AListInTheWrongMunicipality) {
  StoreFigures(
      [](Register& reg) {
        ContractState broken = *reg.FindContract(2);
        broken.versions[0].municipality = "1101";
        reg.Put(int64_t{2}, std::move(broken));
      },
      [](ListFacts&) {});
  std::set<std::string> areas;
  for (const FigureDifference& d : Audit(h_).figures) areas.insert(d.name.area);
  EXPECT_TRUE(areas.contains("1151"));
  EXPECT_TRUE(areas.contains("1101"));
  EXPECT_FALSE(areas.contains("11"));  // both are in Rogaland
}

TEST_F(SelfAudit, R16_AListThatIsTakenForLongUnstaffed) {
  EXPECT_THAT(WithBrokenFacts([](ListFacts& facts) { facts.unstaffed_over_1y = !facts.staffed(); }),
              UnorderedElementsAre("list_count unstaffed_over_1y", "persons_listed on_unstaffed_over_1y",
                                   "persons_without_gp_share over_1y"));
}

TEST_F(SelfAudit, D6_AnAgreementWhosePeriodsAreNotJoined) {
  EXPECT_THAT(WithBroken<DoctorPeriodState>(11, [](DoctorPeriodState& s) { s.withdrawn = true; }),
              UnorderedElementsAre("contract_duration_mean all", "contract_duration_median all"));
}

TEST_F(SelfAudit, D9_AYoungAgreementThatIsNone) {
  EXPECT_THAT(WithBrokenFacts([](ListFacts& facts) {
                facts.young_agreement = true;
                facts.patients = 300;
              }),
              ::testing::Contains("grant_basic_supplement_lists all"));
}

TEST_F(SelfAudit, D4_PlacesOfAListWithoutACap) {
  EXPECT_THAT(WithBrokenFacts([](ListFacts& facts) {
                if (!facts.staffed()) facts.list_cap = 500;
              }),
              UnorderedElementsAre("list_places all"));
}

TEST_F(SelfAudit, D10_ASalariedGpWhoIsTakenForSelfEmployed) {
  EXPECT_THAT(WithBrokenFacts([](ListFacts& facts) { facts.fixed_salary = false; }),
              UnorderedElementsAre("contract_fixed_salary_share all", "contract_fixed_salary_share staffed",
                                   "grant_equalisation_gps all"));
}

}  // namespace
}  // namespace flosync
