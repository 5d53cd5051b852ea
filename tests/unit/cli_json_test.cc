#include <cstdint>
#include <limits>
#include <set>
#include <string>

#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include "daemon/cli/json.h"

#include "flosync/v1/doctor_service.pb.h"
#include "flosync/v1/indicator_service.pb.h"
#include "flosync/v1/patient_list_service.pb.h"
#include "flosync/v1/snapshot_service.pb.h"
#include "flosync/v1/sync_service.pb.h"

namespace flosync {
namespace {

TEST(JsonText, NumbersOf64BitsAreNumbers) {
  v1::RecordCounts records;
  records.set_read(std::numeric_limits<int64_t>::max());
  records.set_applied(-1);
  EXPECT_EQ(
      JsonText(records, JsonStyle::kOneLine),
      R"({"read":9223372036854775807,"applied":-1,"duplicate":0,"older":0,"conflicting":0,"refused":0,"ignored":0,"skipped":0})");
}

TEST(JsonText, WhatIsAbsentIsNull) {
  v1::SourceStatus source;
  source.set_topic("hpr.person");
  source.set_lag_records(0);
  EXPECT_EQ(
      JsonText(source, JsonStyle::kOneLine),
      R"({"topic":"hpr.person","partition":0,"position":0,"end":null,"lag_records":0,"age_seconds":null,"caught_up":false})");
}

TEST(JsonText, OfAOneofOnlyWhatIsSet) {
  v1::IndicatorUpdate update;
  EXPECT_EQ(JsonText(update, JsonStyle::kOneLine), R"({"old_row":null,"new_row":null,"reference_date":""})");
  update.set_clock(true);
  EXPECT_EQ(JsonText(update, JsonStyle::kOneLine),
            R"({"old_row":null,"new_row":null,"reference_date":"","clock":true})");
}

TEST(JsonText, EnumsTimesAndListsAreProtobufs) {
  v1::RecordPosition position;
  position.set_topic("t");
  position.mutable_known_from()->set_seconds(1704085200);
  position.mutable_known_from()->set_nanos(5'000'000);
  EXPECT_EQ(JsonText(position, JsonStyle::kOneLine),
            R"({"topic":"t","partition":0,"offset":0,"known_from":"2024-01-01T05:00:00.005Z"})");
  v1::Area area;
  area.set_level(v1::LEVEL_COUNTY);
  EXPECT_EQ(JsonText(area, JsonStyle::kOneLine), R"({"level":"LEVEL_COUNTY","code":"","name":""})");
  area.set_level(static_cast<v1::Level>(77));
  EXPECT_EQ(JsonText(area, JsonStyle::kOneLine), R"({"level":77,"code":"","name":""})");
  v1::WatchIndicatorsRequest watch;
  watch.mutable_filter()->add_levels(v1::LEVEL_NATION);
  watch.mutable_progress_interval()->set_nanos(100'000'000);
  EXPECT_EQ(JsonText(watch, JsonStyle::kOneLine),
            R"({"filter":{"definitions":[],"measures":[],"breakdowns":[],"levels":["LEVEL_NATION"],"area_codes":[]},)"
            R"("initial_state":false,"resume_token":"","progress_interval":"0.100s"})");
}

TEST(JsonText, PrettyIsIndented) {
  v1::ListPatientListsResponse answer;
  EXPECT_EQ(JsonText(answer, JsonStyle::kPretty),
            "{\n  \"patient_lists\": [],\n  \"next_page_token\": \"\",\n  \"revision\": 0\n}");
  answer.add_patient_lists()->add_regular_gps(7);
  EXPECT_NE(JsonText(answer, JsonStyle::kPretty).find("      \"regular_gps\": [\n        7\n      ],\n"),
            std::string::npos);
}

TEST(JsonQuoted, Escapes) {
  EXPECT_EQ(JsonQuoted("Tromsø → \"a\\b\"\n\t\r\x01\x7F"), "\"Tromsø → \\\"a\\\\b\\\"\\n\\t\\r\\u0001\\u007f\"");
  EXPECT_EQ(JsonQuoted("a\xFF"
                       "b\xC3"),
            "\"a\uFFFDb\uFFFD\"");
  EXPECT_EQ(JsonQuoted("\xED\xA0\x80"), "\"\uFFFD\uFFFD\uFFFD\"");  // a surrogate
  EXPECT_EQ(JsonQuoted("\U0001F600"), "\"\U0001F600\"");
}

// Every message below `type` has only fields that JsonText has a mapping of its own for.
void ExpectPrintable(const google::protobuf::Descriptor& type, std::set<std::string>& seen) {
  if (!seen.insert(type.full_name()).second) return;
  if (type.full_name() == "google.protobuf.Timestamp" || type.full_name() == "google.protobuf.Duration") return;
  EXPECT_EQ(type.file()->package(), "flosync.v1") << type.full_name();
  for (int i = 0; i < type.field_count(); ++i) {
    EXPECT_FALSE(type.field(i)->is_map()) << type.field(i)->full_name();
    if (type.field(i)->message_type() != nullptr) ExpectPrintable(*type.field(i)->message_type(), seen);
  }
}

TEST(JsonText, TheApiHasOnlyWhatItPrints) {
  std::set<std::string> seen;
  for (const auto* type : {v1::GetSyncStatusResponse::descriptor(), v1::QueryIndicatorsResponse::descriptor(),
                           v1::WatchIndicatorsResponse::descriptor(), v1::ListSnapshotsResponse::descriptor(),
                           v1::ReadSnapshotResponse::descriptor(), v1::GetDoctorResponse::descriptor(),
                           v1::ListPatientListsResponse::descriptor()}) {
    ExpectPrintable(*type, seen);
  }
}

}  // namespace
}  // namespace flosync
