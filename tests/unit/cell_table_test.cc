#include "state/indicators/cell_table.h"

#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/core_harness.h"

namespace flosync {
namespace {

const Day kDay(2024, 3, 1);

// Few municipalities and doctors, so that doctors have several lists and small municipalities come and go about the
// equalisation grant (D10).
ListFacts SomeList(int64_t id, std::mt19937& random) {
  const std::vector<std::string> municipalities = {"0301", "1151", "1804", "1835", "9999"};
  ListFacts list;
  list.contract_id = id;
  list.municipality = municipalities[random() % municipalities.size()];
  list.list_cap = 1000;
  list.fixed_salary = random() % 4 == 0;
  if (random() % 5 != 0) list.patients = static_cast<int32_t>(random() % 2400);
  for (unsigned gps = random() % 3; gps > 0; --gps) {
    GpFacts gp;
    gp.doctor = static_cast<int32_t>(random() % 30 * 2 + gps % 2);
    gp.specialist = gp.doctor % 3 == 0;
    gp.age = 30 + gp.doctor;
    gp.began = Day(2010 + static_cast<int>(random() % 14), 1, 1);
    list.gps.push_back(gp);
  }
  list.has_regular_gp = !list.gps.empty();
  return list;
}

TEST(CellTable, FilledAtOnceIsFilledOneAfterAnother) {
  const AreaFrame frame = Geography::Shipped().Frame(kDay, 2024).value();
  const FigurePlan plan(Definitions::Shipped().published(), true);
  for (unsigned seed = 1; seed <= 50; ++seed) {
    std::mt19937 random(seed);
    std::vector<ListFacts> lists;
    for (int64_t id = 1; id <= 40; ++id) lists.push_back(SomeList(id, random));
    CellTable one_by_one(&frame, &plan);
    for (const ListFacts& list : lists) one_by_one.SetList(list.contract_id, list);
    CellTable at_once(&frame, &plan);
    at_once.Fill(lists);
    // What follows rests on what the table remembers of the lists.
    for (CellTable* table : {&one_by_one, &at_once}) {
      table->SetList(7, std::nullopt);
      table->SetList(8, lists[20]);
    }
    for (int32_t i = 0; i < at_once.size(); ++i) {
      ASSERT_EQ(at_once.Show(i, kDay), one_by_one.Show(i, kDay))
          << seed << ": " << at_once.AreaOf(i).code << " " << at_once.EntryOf(i).measure->id();
    }
  }
}

}  // namespace
}  // namespace flosync
