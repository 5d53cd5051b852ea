// IndicatorService: QueryIndicators, its pages and refusals.
#include <set>

#include <gtest/gtest.h>

#include "state/store/keys.h"
#include "tests/unit/services_fixture.h"

namespace flosync {
namespace {

std::string ReasonOf(const grpc::Status& status) { return ReadErrorDetails(status).reason; }

class IndicatorServiceTest : public ServicesTest {
 protected:
  grpc::Status Query(const v1::QueryIndicatorsRequest& request, v1::QueryIndicatorsResponse& response) const {
    const auto context = Context();
    return v1::IndicatorService::NewStub(channel_)->QueryIndicators(context.get(), request, &response);
  }
};

TEST_F(IndicatorServiceTest, QueryIsDenseAndInCanonicalOrder) {
  Commit({MakeContract(1, "0301"), MakePeriod(11, 1, 101), MakePerson(101, true)});
  Serve();
  const auto all = QueryAll();
  const auto frame = Geography::Shipped().Frame(Day(2025, 6, 1), 2025).value();
  size_t cells = 0;
  const FigurePlan plan(Definitions::Shipped().published(), false);
  for (const Area& area : frame.areas()) {
    cells += static_cast<size_t>(std::ranges::count_if(plan.entries(), [&](const FigurePlan::Entry& entry) {
      return entry.measure->ExistsAt(area.level, entry.breakdown);
    }));
  }
  ASSERT_EQ(static_cast<size_t>(all.rows_size()), cells);
  EXPECT_EQ(all.reference_date(), "2025-06-01");
  std::string last;
  int nonzero = 0;
  for (const auto& row : all.rows()) {
    const std::string key = CellKey(static_cast<uint8_t>(row.area().level()), row.area().code(), row.measure(),
                                    row.breakdown(), row.definition());
    EXPECT_LT(last, key);
    last = key;
    nonzero += row.numerator() != 0;
  }
  EXPECT_GT(nonzero, 20);
}

TEST_F(IndicatorServiceTest, QueryGivesTheFigureAsPublished) {
  Commit({MakeContract(1, "0301"), MakePeriod(11, 1, 101), MakePerson(101, true)});
  Serve();
  v1::QueryIndicatorsRequest request;
  request.mutable_filter()->add_area_codes("0301");
  request.mutable_filter()->add_measures("gp_specialist_share");
  request.mutable_filter()->add_breakdowns("all");
  v1::QueryIndicatorsResponse response;
  ASSERT_TRUE(Query(request, response).ok());
  ASSERT_EQ(response.rows_size(), 1);
  const auto& row = response.rows(0);
  EXPECT_EQ(row.definition(), "nki-gp-specialist/3.0");
  EXPECT_EQ(row.numerator(), 1);
  EXPECT_EQ(row.denominator(), 1);
  EXPECT_EQ(row.value(), "100.0");
  EXPECT_EQ(row.unit(), "percent");
  ASSERT_EQ(row.flags_size(), 1);
  EXPECT_EQ(row.flags(0), "small_base");
  EXPECT_EQ(response.revision(), 1);
}

TEST_F(IndicatorServiceTest, QueryPages) {
  Commit({MakeContract(1, "0301")});
  Serve();
  v1::QueryIndicatorsRequest request;
  request.mutable_filter()->add_measures("list_count");
  request.mutable_filter()->add_levels(v1::LEVEL_COUNTY);
  request.set_page_size(7);
  std::vector<std::string> paged;
  int pages = 0;
  do {
    v1::QueryIndicatorsResponse response;
    ASSERT_TRUE(Query(request, response).ok());
    EXPECT_LE(response.rows_size(), 7);
    for (const auto& row : response.rows()) paged.push_back(row.area().code() + row.breakdown());
    request.set_page_token(response.next_page_token());
    ++pages;
  } while (!request.page_token().empty());
  v1::QueryIndicatorsResponse whole;
  request.set_page_size(0);
  ASSERT_TRUE(Query(request, whole).ok());
  std::vector<std::string> all;
  for (const auto& row : whole.rows()) all.push_back(row.area().code() + row.breakdown());
  EXPECT_EQ(paged, all);
  EXPECT_EQ(all.size(), 15U * 4U);
  EXPECT_EQ(pages, 9);
}

TEST_F(IndicatorServiceTest, QueryPageSizeHasADefaultAndAMaximum) {
  Commit({MakeContract(1, "0301")});
  ServerOptions options;
  options.max_figure_page_rows = 2000;
  Serve(options);
  v1::QueryIndicatorsResponse response;
  ASSERT_TRUE(Query({}, response).ok());
  EXPECT_EQ(response.rows_size(), 1000);
  v1::QueryIndicatorsRequest request;
  request.set_page_size(1'000'000);
  response.Clear();
  ASSERT_TRUE(Query(request, response).ok());
  EXPECT_EQ(response.rows_size(), 2000);
}

TEST_F(IndicatorServiceTest, QueryRefusalsByName) {
  Serve();
  v1::QueryIndicatorsResponse response;
  grpc::Status status = Query({}, response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(ReasonOf(status), "NOT_READY");
  Commit({MakeContract(1, "0301")});

  v1::QueryIndicatorsRequest request;
  request.mutable_known_at()->set_seconds(1);
  status = Query(request, response);
  EXPECT_EQ(ReasonOf(status), "INVALID_FIELD") << "live figures are not known at another instant";
  request = {};
  request.set_reference_date("1 May");
  EXPECT_EQ(ReasonOf(Query(request, response)), "INVALID_FIELD");
  request = {};
  request.set_structure_date("2025-01-01");
  EXPECT_EQ(ReasonOf(Query(request, response)), "INVALID_FIELD");
  request = {};
  request.mutable_filter()->add_definitions("gp-statistics/0.9");
  EXPECT_EQ(ReasonOf(Query(request, response)), "INVALID_FIELD") << "it has no live figures";
  request.set_reference_date("2025-01-01");
  request.set_structure_date("2014-12-31");
  EXPECT_EQ(Query(request, response).error_code(), grpc::StatusCode::OUT_OF_RANGE);

  request = {};
  request.set_page_size(-1);
  EXPECT_EQ(ReasonOf(Query(request, response)), "INVALID_FIELD");
  request = {};
  request.set_page_token("garbage");
  EXPECT_EQ(ReasonOf(Query(request, response)), "PAGE_TOKEN_INVALID");

  request = {};
  request.set_page_size(1);
  ASSERT_TRUE(Query(request, response).ok());
  request.set_page_token(response.next_page_token());
  request.mutable_filter()->add_measures("list_count");
  EXPECT_EQ(ReasonOf(Query(request, response)), "PAGE_TOKEN_INVALID") << "of another filter";

  request = {};
  request.mutable_filter()->add_definitions("x");
  request.mutable_filter()->add_measures("list_count");
  request.mutable_filter()->add_measures("x");
  request.mutable_filter()->add_breakdowns("x");
  request.mutable_filter()->add_levels(v1::LEVEL_UNSPECIFIED);
  request.mutable_filter()->add_area_codes("3805");  // no municipality of 2025
  status = Query(request, response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(ReasonOf(status), "FILTER_INVALID");
  std::set<std::string> fields;
  for (const auto& violation : ReadErrorDetails(status).violations) fields.insert(violation.field);
  EXPECT_EQ(fields, (std::set<std::string>{"filter.definitions[0]", "filter.measures[1]", "filter.breakdowns[0]",
                                           "filter.levels[0]", "filter.area_codes[0]"}));
  request = {};
  for (int i = 0; i < 1001; ++i) request.mutable_filter()->add_measures("list_count");
  EXPECT_EQ(ReasonOf(Query(request, response)), "FILTER_INVALID");
}

}  // namespace
}  // namespace flosync
