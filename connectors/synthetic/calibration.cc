#include "connectors/synthetic/calibration.h"

#include <initializer_list>
#include <span>

namespace flosync::synthetic {
namespace {

struct Point {
  int year;
  unsigned month;
  unsigned day;
  double value;
};
using Series = std::span<const Point>;

// Year ends until 2022 are states of the last day of the month, those after are of the first (old and new data model).
// "March 2022" and "October 2023" are held through the month, because the reports do not say which day they mean.

// Lists: årsrapport 2023 chapter 8 for year ends and May 2024; statusrapport 2023 table 1.1 for the quarters of 2023;
// March 2022 from årsrapport 2021 (+40 lists, +30 with a doctor in the quarter, 231 without one).
constexpr Point kListsAll[] = {{2019, 12, 31, 5010}, {2020, 12, 31, 5130}, {2021, 12, 31, 5218}, {2022, 3, 1, 5258},
                               {2022, 4, 1, 5258},   {2022, 12, 31, 5395}, {2023, 3, 31, 5448},  {2023, 6, 30, 5487},
                               {2023, 9, 1, 5563},   {2023, 10, 1, 5578},  {2023, 11, 1, 5578},  {2023, 12, 31, 5614},
                               {2024, 5, 1, 5704}};
constexpr Point kListsUnstaffed[] = {{2019, 12, 31, 126}, {2020, 12, 31, 181}, {2021, 12, 31, 221}, {2022, 3, 1, 231},
                                     {2022, 4, 1, 231},   {2022, 12, 31, 310}, {2023, 3, 31, 320},  {2023, 6, 30, 324},
                                     {2023, 9, 1, 332},   {2023, 10, 1, 330},  {2023, 11, 1, 330},  {2023, 12, 31, 322},
                                     {2024, 5, 1, 277}};
// 126 lists unstaffed for over a year in the third quarter of 2023 and 143 in October is more than can grow a year old
// in a month, so the way there begins in August.
constexpr Point kListsUnstaffedOver1y[] = {{2019, 12, 31, 48},  {2020, 12, 31, 68}, {2021, 12, 31, 96},
                                           {2022, 12, 31, 106}, {2023, 3, 31, 105}, {2023, 6, 30, 112},
                                           {2023, 8, 10, 126},  {2023, 10, 1, 143}, {2023, 11, 1, 143},
                                           {2023, 12, 31, 129}, {2024, 5, 1, 113}};
constexpr Point kGps[] = {{2019, 12, 31, 4858}, {2020, 12, 31, 4928}, {2021, 12, 31, 4961}, {2022, 3, 1, 4989},
                          {2022, 4, 1, 4989},   {2022, 12, 31, 5057}, {2023, 3, 31, 5100},  {2023, 6, 30, 5138},
                          {2023, 9, 1, 5201},   {2023, 10, 1, 5224},  {2023, 11, 1, 5224},  {2023, 12, 31, 5268},
                          {2024, 5, 1, 5391}};

// Patients. Over a year: 57 209 in March 2022 (årsrapport 2021); the other points assume as many patients on each such
// list as then, growing with the mean of unstaffed lists.
constexpr Point kPersonsOnStaffed[] = {{2019, 12, 31, 5311792}, {2020, 12, 31, 5289342}, {2021, 12, 31, 5290049},
                                       {2022, 12, 31, 5259147}, {2023, 3, 31, 5265673},  {2023, 6, 30, 5283642},
                                       {2023, 9, 1, 5296886},   {2023, 10, 1, 5301951},  {2023, 11, 1, 5301951},
                                       {2023, 12, 31, 5320828}, {2024, 5, 1, 5376756}};
constexpr Point kPersonsOnUnstaffed[] = {
    {2019, 12, 31, 75542}, {2020, 12, 31, 107595}, {2021, 12, 31, 138453}, {2022, 3, 1, 149651},  {2022, 4, 1, 149651},
    {2022, 5, 1, 153179},  {2022, 12, 31, 212289}, {2023, 3, 31, 217153},  {2023, 6, 30, 216358}, {2023, 9, 1, 218442},
    {2023, 10, 1, 220462}, {2023, 11, 1, 220462},  {2023, 12, 31, 214106}, {2024, 5, 1, 180789}};
constexpr Point kPersonsOnUnstaffedOver1y[] = {{2019, 12, 31, 26500}, {2020, 12, 31, 38000}, {2021, 12, 31, 55000},
                                               {2022, 3, 1, 57209},   {2022, 4, 1, 57209},   {2022, 12, 31, 65300},
                                               {2023, 9, 1, 78000},   {2023, 10, 1, 88000},  {2023, 11, 1, 88000},
                                               {2023, 12, 31, 79000}, {2024, 5, 1, 67000}};

// Mean cap: årsrapport 2023 chapter 8. March 2022 follows from one free place per 100 patients (årsrapport 2021).
constexpr Point kCapMean[] = {{2019, 12, 31, 1122}, {2020, 12, 31, 1104}, {2021, 12, 31, 1076}, {2022, 3, 1, 1062},
                              {2022, 4, 1, 1062},   {2022, 12, 31, 1043}, {2023, 12, 31, 1013}, {2024, 5, 1, 1003}};

// Fixed salary and sex: statusrapport 2023 table 1.1; March 2022 from årsrapport 2021; 2024 goes on at the same pace.
constexpr Point kFixedStaffed[] = {{2019, 12, 31, 0.140}, {2020, 12, 31, 0.146}, {2021, 12, 31, 0.156},
                                   {2022, 3, 1, 0.162},   {2022, 4, 1, 0.162},   {2022, 12, 31, 0.179},
                                   {2023, 3, 31, 0.185},  {2023, 6, 30, 0.195},  {2023, 10, 1, 0.198},
                                   {2023, 11, 1, 0.198},  {2024, 5, 1, 0.205}};
constexpr Point kFixedAll[] = {{2019, 12, 31, 0.145}, {2020, 12, 31, 0.157}, {2021, 12, 31, 0.165},
                               {2022, 3, 1, 0.175},   {2022, 4, 1, 0.175},   {2022, 12, 31, 0.196},
                               {2023, 3, 31, 0.204},  {2023, 6, 30, 0.210},  {2023, 10, 1, 0.219},
                               {2023, 11, 1, 0.219},  {2024, 5, 1, 0.225}};
constexpr Point kWomen[] = {{2019, 12, 31, 0.444}, {2020, 12, 31, 0.458}, {2021, 12, 31, 0.468}, {2022, 12, 31, 0.474},
                            {2023, 3, 31, 0.478},  {2023, 10, 1, 0.484},  {2024, 5, 1, 0.488}};

// Specialists: nation and groups from årsrapport 2021 (table 9.4, chapter 9.3) and årsrapport 2023 chapter 8; October
// 2023 from the 3 287 of 5 224 doctors of table 1.1. After 2021 the groups keep their distance to the nation.
constexpr Point kSpecialists[] = {{2019, 12, 31, 0.621}, {2020, 12, 31, 0.631}, {2021, 12, 31, 0.639},
                                  {2022, 12, 31, 0.634}, {2023, 10, 1, 0.630},  {2023, 11, 1, 0.630},
                                  {2023, 12, 31, 0.633}, {2024, 5, 1, 0.632}};
constexpr Point kSpecialistsUnder40[] = {{2015, 12, 31, 0.204}, {2021, 12, 31, 0.268}};
constexpr Point kGroup1[] = {
    {2018, 12, 31, 0.385}, {2019, 12, 31, 0.407}, {2020, 12, 31, 0.440}, {2021, 12, 31, 0.441}};
constexpr Point kGroup2[] = {
    {2018, 12, 31, 0.431}, {2019, 12, 31, 0.452}, {2020, 12, 31, 0.467}, {2021, 12, 31, 0.496}};
constexpr Point kGroup3[] = {
    {2018, 12, 31, 0.498}, {2019, 12, 31, 0.519}, {2020, 12, 31, 0.538}, {2021, 12, 31, 0.566}};
constexpr Point kGroup4[] = {
    {2018, 12, 31, 0.587}, {2019, 12, 31, 0.603}, {2020, 12, 31, 0.604}, {2021, 12, 31, 0.607}};
constexpr Point kGroup5[] = {
    {2018, 12, 31, 0.711}, {2019, 12, 31, 0.711}, {2020, 12, 31, 0.717}, {2021, 12, 31, 0.719}};

// Median years an agreement has lasted: årsrapport 2021 table 9.1.
constexpr Point kDuration1[] = {{2018, 12, 31, 3.3}, {2019, 12, 31, 3.9}, {2020, 12, 31, 4.2}, {2021, 12, 31, 4.0}};
constexpr Point kDuration2[] = {{2018, 12, 31, 6.2}, {2019, 12, 31, 6.4}, {2020, 12, 31, 5.9}, {2021, 12, 31, 5.9}};
constexpr Point kDuration3[] = {{2018, 12, 31, 6.2}, {2019, 12, 31, 6.3}, {2020, 12, 31, 6.7}, {2021, 12, 31, 6.7}};
constexpr Point kDuration4[] = {{2018, 12, 31, 8.4}, {2019, 12, 31, 8.0}, {2020, 12, 31, 7.8}, {2021, 12, 31, 7.8}};
constexpr Point kDuration5[] = {{2018, 12, 31, 10.5}, {2019, 12, 31, 9.9}, {2020, 12, 31, 9.8}, {2021, 12, 31, 9.8}};

double At(Series series, Day day) {
  const Point* before = &series.front();
  for (const Point& point : series) {
    const Day here = MakeDay(point.year, point.month, point.day);
    if (day <= here) {
      if (before == &point) return point.value;
      const Day earlier = MakeDay(before->year, before->month, before->day);
      return before->value + (point.value - before->value) * (day - earlier) / (here - earlier);
    }
    before = &point;
  }
  return before->value;
}

}  // namespace

std::size_t GroupOf(std::int64_t inhabitants) {
  if (inhabitants < 2'000) return 0;
  if (inhabitants < 5'000) return 1;
  if (inhabitants < 10'000) return 2;
  return inhabitants < 50'000 ? 3 : 4;
}

Targets TargetsAt(Day day) {
  Targets t;
  t.lists_all = At(kListsAll, day);
  t.lists_unstaffed = At(kListsUnstaffed, day);
  t.lists_unstaffed_over_1y = At(kListsUnstaffedOver1y, day);
  t.gps = At(kGps, day);
  t.persons_on_staffed = At(kPersonsOnStaffed, day);
  t.persons_on_unstaffed = At(kPersonsOnUnstaffed, day);
  t.persons_on_unstaffed_over_1y = At(kPersonsOnUnstaffedOver1y, day);
  t.list_cap_mean_staffed = At(kCapMean, day);
  t.fixed_salary_share_staffed = At(kFixedStaffed, day);
  t.fixed_salary_share_all = At(kFixedAll, day);
  t.women_share = At(kWomen, day);
  t.specialist_share = At(kSpecialists, day);
  t.specialist_share_under_40 = At(kSpecialistsUnder40, day);
  // Published once, at the end of 2021 and in March 2022 (årsrapport 2021); the share of lists with several locums
  // among staffed ones is not published and assumed.
  t.aged_67_share = 0.065;
  t.specialist_share_oslo = 0.737;
  t.specialist_share_nordland = 0.529;
  t.locum_share_staffed = 0.25;
  t.locum_share_unstaffed = 0.82;
  t.several_locums_share_staffed = 0.06;
  t.several_locums_share_unstaffed = 0.30;
  t.specialist_share_by_group = {At(kGroup1, day), At(kGroup2, day), At(kGroup3, day), At(kGroup4, day),
                                 At(kGroup5, day)};
  t.duration_median_by_group = {At(kDuration1, day), At(kDuration2, day), At(kDuration3, day), At(kDuration4, day),
                                At(kDuration5, day)};
  return t;
}

}  // namespace flosync::synthetic
