#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "state/audit/audit.h"
#include "state/store/keys.h"
#include "tests/unit/measures_testing.h"

// Definitions as data and their parameters: R10, R14, A10, D2, D7.
namespace flosync {
namespace {

const Day kDay(2024, 3, 1);

Definitions With(const std::string& text) {
  auto definitions = Definitions::Parse({{"test.toml", text}});
  EXPECT_TRUE(definitions.ok()) << definitions.status();
  return *std::move(definitions);
}

std::string ErrorOf(const std::string& text) {
  const auto definitions = Definitions::Parse({{"test.toml", text}});
  return definitions.ok() ? "no error" : std::string(definitions.status().message());
}

TEST(R10_CountedRelationships, MakeOthersGpsButNotAListStaffed) {
  SmallRegister reg;
  reg.Know(AList(1)).Know(ASharedListDoctor(11, 1, 7)).Know(ASpecialist(7));
  reg.Know(AList(2)).Know(ARegularGp(12, 2, 8)).Know(ADoctor(8)).Know(ASubstitute(13, 2, 9));
  const Definitions definitions = With(R"(
id = "shared/1.0"
published = true
measures = ["gp_count", "gp_specialist_share", "list_count", "gp_turnover"]
[parameters]
counted_relationships = ["LPFL", "LPDL"]
)");
  const Figures figures(reg, kDay, definitions.published());
  EXPECT_EQ(figures.Show("NO", "gp_count", "all.all"), "2");
  EXPECT_EQ(figures.Show("NO", "gp_specialist_share"), "1/2 50.0");
  EXPECT_EQ(figures.Show("NO", "gp_turnover"), "0/2 0.0");
  EXPECT_EQ(figures.Show("NO", "list_count", "staffed"), "1");  // D2
  EXPECT_EQ(Figures(reg, kDay).Show("NO", "gp_count", "all.all"), "1");
}

TEST(R14_Unit, IsThatOfTheDefinition) {
  SmallRegister reg;
  reg.Know(AList(1)).Know(ARegularGp(11, 1, 7)).Know(AList(2)).Know(ARegularGp(12, 2, 7));
  for (const auto& [unit, gps] : {std::pair("agreement", "2"), {"unique_doctor", "1"}}) {
    const Definitions definitions =
        With(std::string("id = \"units/1.0\"\npublished = true\nmeasures = [\"gp_count\"]\n") +
             "[parameters]\nunit = \"" + unit + "\"\n");
    EXPECT_EQ(Figures(reg, kDay, definitions.published()).Show("NO", "gp_count", "all.all"), gps) << unit;
  }
}

TEST(D7_EnteredSince, IsAParameter) {
  SmallRegister reg;
  reg.Know(AList(1)).Know(ARegularGp(11, 1, 7, Since(Day(2016, 1, 1)))).Know(ADoctor(7));
  const Definitions definitions = With(R"(
id = "entered/1.0"
published = true
measures = ["gp_entered_not_specialist"]
[parameters]
entered_since = 2016-01-01
)");
  EXPECT_EQ(Figures(reg, kDay, definitions.published()).Show("NO", "gp_entered_not_specialist"), "1");
  EXPECT_EQ(Figures(reg, kDay).Show("NO", "gp_entered_not_specialist"), "0");
}

// A core that publishes one definition more than the shipped ones, or not.
class DroppedDefinition : public ::testing::Test {
 protected:
  DroppedDefinition()
      : more_(Definitions::Parse({{"mine.toml", "id = \"mine/1.0\"\npublished = true\nmeasures = [\"gp_count\"]\n"}},
                                 &Definitions::Shipped())
                  .value()) {}
  void Open(const Definitions* definitions) {
    core_.reset();
    store_.reset();
    store_ = Store::Open(directory_.path()).value();
    core_ = Core::Open(store_.get(), &Geography::Shipped(), "epoch-1", definitions).value();
  }
  CommitResult Commit(std::vector<DecodedRecord> records, std::string_view now) {
    CommitInput input;
    input.records = std::move(records);
    input.now = At(now);
    return core_->Commit(std::move(input)).value();
  }
  [[nodiscard]] int64_t FiguresOf(std::string_view id) const {
    int64_t figures = 0;
    EXPECT_TRUE(View(*store_)
                    .Each(Family::kCells, "",
                          [&](std::string_view key, std::string_view) {
                            figures += DefinitionOfCell(key) == id ? 1 : 0;
                            return true;
                          })
                    .ok());
    return figures;
  }
  [[nodiscard]] bool AuditOk(const Definitions& definitions) const {
    return AuditLive(View(*store_), Geography::Shipped(), definitions, [] { return true; })->ok();
  }

  const Definitions more_;
  ScratchDirectory directory_;
  Inbox inbox_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Core> core_;
};

TEST_F(DroppedDefinition, LeavesNoFiguresAndComesBackWhole) {
  Open(&more_);
  const Instant at = At("2024-01-10T10:00:00Z");
  Commit({inbox_.Next(AList(1), at), inbox_.Next(ARegularGp(11, 1, 7), at), inbox_.Next(ADoctor(7), at)},
         "2024-01-10T10:00:00Z");
  const int64_t figures = FiguresOf("mine/1.0");
  EXPECT_GT(figures, 0);
  EXPECT_TRUE(core_->dropped_definitions().empty());
  Open(&Definitions::Shipped());
  EXPECT_EQ(core_->dropped_definitions(), (std::map<std::string, int64_t>{{"mine/1.0", figures}}));
  EXPECT_EQ(FiguresOf("mine/1.0"), figures) << "opening alone, as commands do, changes nothing";
  EXPECT_TRUE(AuditOk(Definitions::Shipped())) << "before the first commit";
  EXPECT_TRUE(Commit({}, "2024-01-10T10:00:00Z").committed) << "it needs no record";
  EXPECT_EQ(FiguresOf("mine/1.0"), 0);
  EXPECT_GT(FiguresOf("gp-statistics/1.0"), 0);
  EXPECT_TRUE(AuditOk(Definitions::Shipped()));
  EXPECT_FALSE(Commit({}, "2024-01-10T10:00:00Z").committed);
  Open(&more_);
  EXPECT_TRUE(AuditOk(more_)) << "what is not counted yet is not missing";
  const CommitResult told = Commit({}, "2024-01-10T10:00:00Z");
  EXPECT_EQ(told.updates, figures) << "told to the world";
  EXPECT_EQ(FiguresOf("mine/1.0"), figures);
  EXPECT_TRUE(AuditOk(more_));
}

TEST_F(DroppedDefinition, IsFoundInAStoreThatNotedNone) {
  Open(&more_);
  const Instant at = At("2024-01-10T10:00:00Z");
  Commit({inbox_.Next(AList(1), at)}, "2024-01-10T10:00:00Z");
  Batch batch(*store_);
  batch.Delete(Family::kMeta, kDefinitionsKey);
  ASSERT_TRUE(store_->Commit(batch).ok());
  Open(&Definitions::Shipped());
  Commit({}, "2024-01-10T10:00:00Z");
  EXPECT_EQ(FiguresOf("mine/1.0"), 0);
  EXPECT_TRUE(AuditOk(Definitions::Shipped()));
}

TEST(A10_Definitions, TheFirstHasTheMainFigureAloneAndTheOldOnesEndAMonth) {
  const Definition* first = Definitions::Shipped().Find("nki-gp-specialist/1.0");
  ASSERT_TRUE(first);
  ASSERT_EQ(first->measures.size(), 1U);
  EXPECT_EQ(first->measures[0].breakdowns.size(), 1U);
  EXPECT_EQ(first->ReferenceDateOf(2024, 2), Day(2024, 2, 29));
  const Definition* third = Definitions::Shipped().Find("nki-gp-specialist/3.0");
  EXPECT_EQ(third->measures[0].breakdowns.size(), 4U);
  EXPECT_EQ(third->ReferenceDateOf(2024, 2), Day(2024, 2, 1));
  EXPECT_EQ(Definitions::Shipped().Find("nki-gp-specialist/4.0"), nullptr);
}

TEST(DefinitionErrors, NameFileAndKeyAndSayWhatIsExpected) {
  const std::string head = "id = \"x/1\"\npublished = true\n";
  const std::string sound = head + "measures = [\"gp_count\"]\n";
  for (const auto& [text, error] : std::vector<std::pair<std::string, std::string>>{
           {"id = \n", "test.toml, line 1: "},
           {"id = \"x\"\nmeasures = [\"gp_count\"]\n", "test.toml: id: expected name and version"},
           {head, "test.toml: measures: expected a list of texts"},
           {head + "measures = [\"gp_count\", 1]\n", "test.toml: measures: expected a list of texts"},
           {head + "measures = [\"gps\"]\n", "test.toml: measures: expected measures there are; \"gps\" is none"},
           {sound + "colour = 1\n", "test.toml: colour: expected no such key"},
           {sound + "reference_day = \"monday\"\n", "test.toml: reference_day: expected \"first_of_month\""},
           {sound + "structure_date = \"2024\"\n", "test.toml: structure_date: expected a date"},
           {sound + "[breakdowns]\ngp_count = [\"tall\"]\n", "test.toml: breakdowns.gp_count: expected breakdowns"},
           {sound + "[breakdowns]\nlist_count = [\"all\"]\n", "test.toml: list_count: expected no such key"},
           {sound + "[parameters]\nunit = \"list\"\n", "test.toml: unit: expected \"agreement\""},
           {sound + "[parameters]\ncorrection_check = \"never\"\n", "test.toml: correction_check: expected"},
           {sound + "[parameters]\ncutoff_delay_minutes = 1440\n", "test.toml: cutoff_delay_minutes: expected"},
           {sound + "[parameters]\ncounted_relationships = []\n", "test.toml: counted_relationships: expected"},
           {sound + "[parameters]\npace = 1\n", "test.toml: pace: expected no such key"},
           {"id = \"x/1\"\nmeasures = [\"gp_count\"]\n", "definitions: none has published = true"},
           {sound + "structure_date = 2024-01-01\n", "x/1: what is published together must have the same"}}) {
    EXPECT_TRUE(ErrorOf(text).starts_with(error)) << text << "\n" << ErrorOf(text);
  }
}

TEST(DefinitionErrors, AnIdIsGivenOnce) {
  const auto twice = Definitions::Parse({{"mine.toml", "id = \"gp-statistics/1.0\"\nmeasures = [\"gp_count\"]\n"}},
                                        &Definitions::Shipped());
  EXPECT_TRUE(std::string(twice.status().message()).starts_with("mine.toml: id: there is a definition"));
  const auto added =
      Definitions::Parse({{"mine.toml", "id = \"mine/1.0\"\nmeasures = [\"gp_count\"]\n"}}, &Definitions::Shipped());
  ASSERT_TRUE(added.ok()) << added.status();
  EXPECT_EQ(added->all().size(), Definitions::Shipped().all().size() + 1);
}

}  // namespace
}  // namespace flosync
