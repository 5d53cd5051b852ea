// IndicatorService: QueryIndicators, its pages and refusals.
#include <atomic>
#include <optional>
#include <set>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "daemon/services/area_figures.h"
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

// Each revision adds a list in Oslo: all of its areas count as many lists as there were revisions.
TEST_F(IndicatorServiceTest, EveryAnswerIsOfOneCommitWhileOthersAreMade) {
  constexpr int64_t kRevisions = 300;
  Commit({MakeContract(1, "0301")});
  Serve();
  v1::QueryIndicatorsRequest request;
  for (const char* code : {"NO", "03", "0301"}) request.mutable_filter()->add_area_codes(code);
  request.mutable_filter()->add_measures("list_count");
  request.mutable_filter()->add_breakdowns("all");
  std::atomic<bool> done = false;
  std::atomic<int64_t> answers = 0;
  std::vector<std::thread> asking;
  for (int i = 0; i < 4; ++i) {
    asking.emplace_back([&] {
      int64_t last = 0;
      while (!done) {
        v1::QueryIndicatorsResponse response;
        ASSERT_TRUE(Query(request, response).ok());
        ASSERT_EQ(response.rows_size(), 3);
        for (const auto& row : response.rows()) {
          ASSERT_EQ(row.numerator(), response.revision()) << row.area().code();
        }
        ASSERT_GE(response.revision(), last) << "an answer is never older than one before";
        last = response.revision();
        ++answers;
      }
    });
  }
  for (int64_t id = 2; id <= kRevisions; ++id) {
    const int64_t revision = Commit({MakeContract(id, "0301")});
    v1::QueryIndicatorsResponse response;
    ASSERT_TRUE(Query(request, response).ok());
    ASSERT_EQ(response.revision(), revision) << "what is committed is answered at once";
  }
  done = true;
  for (std::thread& thread : asking) thread.join();
  EXPECT_GT(answers, 10);
}

// Who holds an older View, as the initial state of a slow watcher does, goes on with what it shows.
TEST_F(IndicatorServiceTest, AnOlderViewIsNotShownWhatCameLater) {
  const FigurePlan plan(Definitions::Shipped().published(), false);
  AreaFigures areas(&plan);
  const Area oslo{Level::kMunicipality, "0301", "Oslo"};
  const auto lists = [&](const View& view, int64_t revision) {
    const auto figures = areas.Of(view, revision, oslo).value();
    for (size_t i = 0; i < plan.entries().size(); ++i) {
      const FigurePlan::Entry& entry = plan.entries()[i];
      if (entry.measure->id() == "list_count" && entry.breakdown_name() == "all") return (*figures)[i].numerator;
    }
    return std::optional<int64_t>();
  };
  const int64_t first = Commit({MakeContract(1, "0301")});
  const View before(*store_);
  EXPECT_EQ(lists(before, first), 1);
  const int64_t second = Commit({MakeContract(2, "0301")});
  const View after(*store_);
  EXPECT_EQ(lists(after, second), 2);
  EXPECT_EQ(lists(before, first), 1);
  EXPECT_EQ(lists(after, second), 2);
  EXPECT_EQ(areas.Of(after, second, oslo).value(), areas.Of(after, second, oslo).value()) << "read once";
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
