// What HTTP is made of: targets, header fields, routes, fields of requests, refusals.
#include <array>
#include <set>
#include <string>
#include <vector>

#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "daemon/http/accept.h"
#include "daemon/http/target.h"
#include "daemon/rest/openapi.h"
#include "daemon/rest/request_fields.h"
#include "daemon/rest/routes.h"
#include "daemon/rest/status_answer.h"
#include "daemon/services/errors.h"
#include "domain/text.h"

#include "flosync/v1/alert_service.pb.h"
#include "flosync/v1/doctor_service.pb.h"
#include "flosync/v1/indicator_service.pb.h"
#include "flosync/v1/patient_list_service.pb.h"
#include "flosync/v1/snapshot_service.pb.h"

namespace flosync {
namespace {

using Fields = HttpFields;

TEST(HttpTarget, IsTakenApartAndDecoded) {
  EXPECT_EQ(ParseTarget("/"), Target());
  EXPECT_EQ(ParseTarget("/api/v1/x%41?a=b&c=%C3%A5+d&&e&f="),
            (Target{{"api", "v1", "xA"}, {{"a", "b"}, {"c", "å+d"}, {"e", ""}, {"f", ""}}}));
  EXPECT_EQ(ParseTarget("/?a=b=c"), (Target{{}, {{"a", "b=c"}}}));
  EXPECT_EQ(ParseTarget("/a?b=/%2F"), (Target{{"a"}, {{"b", "//"}}}));
}

TEST(HttpTarget, SegmentsAreNotPutRight) {
  EXPECT_EQ(ParseTarget("/a/../b")->segments, (std::vector<std::string>{"a", "..", "b"}));
  EXPECT_EQ(ParseTarget("/%2e%2e/b")->segments, (std::vector<std::string>{"..", "b"}));
  EXPECT_EQ(ParseTarget("//a/")->segments, (std::vector<std::string>{"", "a", ""}));
}

TEST(HttpTarget, WhatIsNoPathIsRefused) {
  for (const char* bad : {"", "a", "*", "http://host/", "/a#b", "/%", "/%4", "/%4g", "/%00", "/%0A", "/a%2fb", "/%ff",
                          "/%c0%ae", "/?a=%ff", "/?a=%00", "/%7f"}) {
    EXPECT_EQ(ParseTarget(bad), std::nullopt) << bad;
  }
}

TEST(HttpTarget, EscapesAreReadBack) {
  const std::string text = "å/?&=% +~";
  EXPECT_EQ(ParseTarget("/?x=" + EscapeForTarget(text))->parameters.front().second, text);
}

TEST(HttpAccept, TheBestOfferedTypeIsChosen) {
  constexpr auto kOffered = std::to_array<std::string_view>({"application/json", "text/csv"});
  const auto chosen = [&](std::string_view accept) { return ChooseType(accept, kOffered); };
  EXPECT_EQ(chosen(""), 0);
  EXPECT_EQ(chosen("*/*"), 0);
  EXPECT_EQ(chosen("TEXT/CSV"), 1);
  EXPECT_EQ(chosen("text/*"), 1);
  EXPECT_EQ(chosen("text/csv;q=0.9, application/json;q=0.8"), 1);
  EXPECT_EQ(chosen("text/csv; header=present ; q=0.5, */*;q=0.6"), 0);
  EXPECT_EQ(chosen("text/csv;q=0, */*;q=0.1"), 0);
  EXPECT_EQ(chosen("text/csv;q=x"), std::nullopt);
  EXPECT_EQ(chosen("image/png"), std::nullopt);
}

TEST(HttpAccept, EntityTagsAreFoundInLists) {
  EXPECT_TRUE(NamesTag(R"("a", W/"b" , "c")", R"("b")"));
  EXPECT_TRUE(NamesTag("*", R"("b")"));
  EXPECT_FALSE(NamesTag(R"("a")", R"("b")"));
  EXPECT_FALSE(NamesTag("", R"("b")"));
  EXPECT_FALSE(NamesTag("b", R"("b")"));
}

TEST(HttpRoutes, LiteralPartsGoBeforeThoseInBraces) {
  EXPECT_EQ(MatchRoute({"api", "v1", "snapshots", "compare"})->route->method,
            "flosync.v1.SnapshotService/CompareSnapshots");
  const auto rows = MatchRoute({"api", "v1", "snapshots", "2024-01-01", "rows"});
  EXPECT_EQ(rows->route->method, "flosync.v1.SnapshotService/ReadSnapshot");
  EXPECT_EQ(rows->values, (Fields{{"reference_date", "2024-01-01"}}));
  for (const std::vector<std::string>& none : std::vector<std::vector<std::string>>{
           {}, {"api"}, {"api", "v1", "doctors", ""}, {"api", "v1", "alerts", "1", "x"}}) {
    EXPECT_FALSE(MatchRoute(none)) << none.size();
  }
}

TEST(HttpRoutes, EachNamesAMethodThatReadsAndFieldsOfItsRequest) {
  std::set<std::string_view> methods;
  for (const Route& route : Routes()) {
    std::string name(route.method);
    name.replace(name.find('/'), 1, ".");
    const auto* method = google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(name);
    ASSERT_NE(method, nullptr) << name;
    EXPECT_TRUE(methods.insert(route.method).second) << name;
    std::set<std::string> fields;
    for (const RequestField& field : FieldsOf(*method->input_type())) fields.insert(field.name);
    for (const std::string_view part : Split(route.path, '/')) {
      if (part.starts_with('{')) {
        EXPECT_TRUE(fields.contains(std::string(part.substr(1, part.size() - 2)))) << route.path;
      }
    }
  }
}

TEST(HttpRequestFields, TextsBecomeFieldsByTheirType) {
  v1::QueryIndicatorsRequest request;
  ASSERT_TRUE(FillRequest({},
                          {{"filter.measures", "gp_count"},
                           {"filter.measures", "list_count"},
                           {"filter.levels", "LEVEL_COUNTY"},
                           {"page_size", "7"},
                           {"known_at", "2024-01-01T00:00:00.5+01:00"}},
                          request)
                  .ok());
  EXPECT_EQ(request.filter().measures_size(), 2);
  EXPECT_EQ(request.filter().levels(0), v1::LEVEL_COUNTY);
  EXPECT_EQ(request.page_size(), 7);
  EXPECT_EQ(request.known_at().seconds(), 1704063600);
  EXPECT_EQ(request.known_at().nanos(), 500'000'000);
  v1::ListPatientListsRequest lists;
  ASSERT_TRUE(FillRequest({}, {{"unstaffed_only", "true"}}, lists).ok());
  EXPECT_TRUE(lists.unstaffed_only());
  v1::GetAlertRequest alert;
  ASSERT_TRUE(FillRequest({{"alert_id", "9000000000"}}, {}, alert).ok());
  EXPECT_EQ(alert.alert_id(), 9'000'000'000);
}

TEST(HttpRequestFields, LatestStandsForNothingInThePathOnly) {
  v1::GetSnapshotRequest request;
  ASSERT_TRUE(FillRequest({{"reference_date", "latest"}}, {}, request).ok());
  EXPECT_EQ(request.reference_date(), "");
  v1::GetSnapshotRequest other;
  ASSERT_TRUE(FillRequest({}, {{"reference_date", "latest"}}, other).ok());
  EXPECT_EQ(other.reference_date(), "latest");
}

TEST(HttpRequestFields, MistakesAreNamed) {
  const auto violation = [](const Fields& query) {
    v1::QueryIndicatorsRequest request;
    const ErrorDetails details = ReadErrorDetails(FillRequest({}, query, request));
    return details.violations.empty() ? std::string()
                                      : Join(details.reason, " ", details.violations.front().field, " ",
                                             details.violations.front().description);
  };
  EXPECT_EQ(violation({}), "");
  EXPECT_TRUE(violation({{"pageSize", "7"}})
                  .starts_with("PARAMETER_UNKNOWN pageSize is no parameter here; there are filter.def"));
  EXPECT_TRUE(violation({{"filter", "x"}}).starts_with("PARAMETER_UNKNOWN filter "));
  EXPECT_TRUE(violation({{"known_at.seconds", "1"}}).starts_with("PARAMETER_UNKNOWN known_at.seconds "));
  EXPECT_EQ(violation({{"page_size", "7x"}}), "INVALID_FIELD page_size has to be a whole number");
  EXPECT_EQ(violation({{"page_size", ""}}), "INVALID_FIELD page_size has to be a whole number");
  EXPECT_TRUE(violation({{"page_size", "1"}, {"page_size", "1"}}).starts_with("INVALID_FIELD page_size comes twice"));
  EXPECT_TRUE(
      violation({{"filter.levels", "county"}}).starts_with("INVALID_FIELD filter.levels has to be one of LEVEL_"));
  EXPECT_TRUE(violation({{"known_at", "2024-01-01"}}).starts_with("INVALID_FIELD known_at has to be an instant"));
  EXPECT_LT(violation({{std::string(10'000, 'x'), ""}}).size(), 1000) << "what is not ours is not repeated at length";
}

TEST(HttpStatusAnswer, CodesAreMappedAsGoogleRpcSays) {
  using Code = grpc::StatusCode;
  const std::vector<std::pair<Code, int>> expected = {{Code::OK, 200},
                                                      {Code::CANCELLED, 499},
                                                      {Code::UNKNOWN, 500},
                                                      {Code::INVALID_ARGUMENT, 400},
                                                      {Code::DEADLINE_EXCEEDED, 504},
                                                      {Code::NOT_FOUND, 404},
                                                      {Code::ALREADY_EXISTS, 409},
                                                      {Code::PERMISSION_DENIED, 403},
                                                      {Code::RESOURCE_EXHAUSTED, 429},
                                                      {Code::FAILED_PRECONDITION, 400},
                                                      {Code::ABORTED, 409},
                                                      {Code::OUT_OF_RANGE, 400},
                                                      {Code::UNIMPLEMENTED, 501},
                                                      {Code::INTERNAL, 500},
                                                      {Code::UNAVAILABLE, 503},
                                                      {Code::DATA_LOSS, 500},
                                                      {Code::UNAUTHENTICATED, 401}};
  for (const auto& [code, status] : expected) EXPECT_EQ(HttpStatusOf(code), status) << code;
}

TEST(HttpStatusAnswer, DetailsAreAllThere) {
  const HttpAnswer answer = StatusAnswer(MakeStatus(grpc::StatusCode::RESOURCE_EXHAUSTED, "wait \"a\" \xff bit",
                                                    {.reason = "TOO_MANY_CALLS",
                                                     .metadata = {{"a", "b"}},
                                                     .violations = {{"f", "d"}},
                                                     .retry_after = std::chrono::milliseconds(1500)}));
  EXPECT_EQ(answer.status, 429);
  const auto body = nlohmann::json::parse(answer.body);
  EXPECT_EQ(body["code"], 8);
  EXPECT_EQ(body["details"][0]["reason"], "TOO_MANY_CALLS");
  EXPECT_EQ(body["details"][0]["domain"], "flosync");
  EXPECT_EQ(body["details"][0]["metadata"]["a"], "b");
  EXPECT_EQ(body["details"][1]["fieldViolations"][0]["field"], "f");
  EXPECT_EQ(body["details"][2]["retryDelay"], "1.5s");
  EXPECT_NE(
      std::find(answer.fields.begin(), answer.fields.end(), std::pair<std::string, std::string>("Retry-After", "2")),
      answer.fields.end());
}

TEST(OpenApi, IsMadeAlikeEveryTime) {
  const std::string document = OpenApiDocument();
  EXPECT_EQ(document, OpenApiDocument());
  const auto parsed = nlohmann::json::parse(document);
  EXPECT_EQ(parsed["paths"].size(), Routes().size());
}

}  // namespace
}  // namespace flosync
