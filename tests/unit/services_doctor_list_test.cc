// DoctorService.ListDoctors: who is listed, by what one can choose, pages.
#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/services_fixture.h"

namespace flosync {
namespace {

std::string ReasonOf(const grpc::Status& status) { return ReadErrorDetails(status).reason; }

class DoctorListTest : public ServicesTest {
 protected:
  grpc::Status List(const v1::ListDoctorsRequest& request, v1::ListDoctorsResponse& response) const {
    const auto context = Context();
    return v1::DoctorService::NewStub(channel_)->ListDoctors(context.get(), request, &response);
  }
  v1::ListDoctorsResponse All(const v1::ListDoctorsRequest& request = {}) const {
    v1::ListDoctorsResponse response;
    const grpc::Status status = List(request, response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }
  std::vector<int32_t> Numbers(const v1::ListDoctorsRequest& request = {}) const {
    std::vector<int32_t> numbers;
    const v1::ListDoctorsResponse response = All(request);
    for (const auto& doctor : response.doctors()) numbers.push_back(doctor.hpr_number());
    return numbers;
  }
  static DoctorPeriod Ended(DoctorPeriod period) {
    period.period.to = Day(2024, 1, 1);
    return period;
  }
};

TEST_F(DoctorListTest, WhomADoctorPeriodNamesIsListedAndNobodyElse) {
  DoctorPeriod moved = MakePeriod(14, 1, 106);
  moved.updated = *ParseWallTime("2021-01-01T00:00:00");
  Commit({MakeContract(1, "0301"), MakePeriod(11, 1, 102), Ended(MakePeriod(12, 1, 101)), MakePeriod(13, 1, 104),
          MakePeriod(14, 1, 105), MakePerson(101, true), MakePerson(102, true), MakePerson(103, true)});
  Commit({Deletion{{EntityKind::kDoctorPeriod, 13}}, moved});
  Serve();
  EXPECT_EQ(Numbers(), (std::vector<int32_t>{101, 102, 106}))
      << "103 is on no contract, 104's period is withdrawn, 105's is another doctor's now";
  const v1::ListDoctorsResponse all = All();
  EXPECT_EQ(all.revision(), 2);
  EXPECT_EQ(all.reference_date(), "2025-06-01");
  EXPECT_EQ(all.doctors(0).contracts_size(), 0) << "on none today";
  EXPECT_TRUE(all.doctors(0).specialist());
  ASSERT_EQ(all.doctors(1).contracts_size(), 1);
  EXPECT_EQ(all.doctors(1).contracts(0).contract_id(), 1);
  EXPECT_TRUE(all.doctors(1).contracts(0).current());
  EXPECT_EQ(all.doctors(1).specialist_reason(), v1::SPECIALIST_REASON_SPECIALIST);
  EXPECT_EQ(all.doctors(2).specialist_reason(), v1::SPECIALIST_REASON_NOT_IN_HPR);
}

TEST_F(DoctorListTest, MergedNumbersAreListedEachWithTheirOwnPeriods) {
  Commit({MakeContract(1, "0301"), MakePeriod(11, 1, 100), MakePeriod(12, 1, 102), MakePerson(102, true),
          Merge{100, 102}});
  Serve();
  const v1::ListDoctorsResponse all = All();
  ASSERT_EQ(all.doctors_size(), 2);
  for (const auto& doctor : all.doctors()) {
    EXPECT_EQ(doctor.surviving_hpr_number(), 102);
    EXPECT_TRUE(doctor.specialist());
    EXPECT_EQ(doctor.specialist_reason(), v1::SPECIALIST_REASON_SPECIALIST);
    EXPECT_EQ(doctor.contracts_size(), 1);
  }
  EXPECT_EQ(all.doctors(0).hpr_number(), 100);
  EXPECT_EQ(all.doctors(1).hpr_number(), 102);
}

TEST_F(DoctorListTest, FiltersOnPeriodsAreMetByOneAndTheSame) {
  Contract ended = MakeContract(3, "0301");
  ended.period.to = Day(2024, 1, 1);
  Commit({MakeContract(1, "0301"), MakeContract(2, "5501"), ended, MakePeriod(11, 1, 101),
          Ended(MakePeriod(12, 2, 101)), MakePeriod(13, 2, 102, "LPVI"), Ended(MakePeriod(14, 1, 103)),
          MakePeriod(15, 3, 104), MakePerson(101, false), MakePerson(102, true), MakePerson(103, true)});
  Serve();
  v1::ListDoctorsRequest request;
  request.set_current_only(true);
  EXPECT_EQ(Numbers(request), (std::vector<int32_t>{101, 102, 104}));
  request = {};
  request.set_municipality("0301");
  EXPECT_EQ(Numbers(request), (std::vector<int32_t>{101})) << "103's period has ended, 104's contract as well";
  request.set_municipality("5501");
  EXPECT_EQ(Numbers(request), (std::vector<int32_t>{102})) << "101 was there, but is no longer";
  request.set_relationship("LPFL");
  EXPECT_TRUE(Numbers(request).empty());
  request = {};
  request.set_relationship("LPVI");
  EXPECT_EQ(Numbers(request), (std::vector<int32_t>{102}));
  request = {};
  request.set_specialist(true);
  EXPECT_EQ(Numbers(request), (std::vector<int32_t>{102, 103}));
  request.set_specialist(false);
  EXPECT_EQ(Numbers(request), (std::vector<int32_t>{101, 104}));
}

TEST_F(DoctorListTest, PagesAddUpToTheWhole) {
  std::vector<RegisterChange> changes = {MakeContract(1, "0301")};
  for (int32_t i = 0; i < 25; ++i) changes.emplace_back(MakePeriod(100 + i, 1, 500 - i));
  Commit(changes);
  Serve();
  v1::ListDoctorsRequest request;
  request.set_page_size(10);
  std::vector<int32_t> numbers;
  int pages = 0;
  do {
    const v1::ListDoctorsResponse page = All(request);
    for (const auto& doctor : page.doctors()) numbers.push_back(doctor.hpr_number());
    request.set_page_token(page.next_page_token());
    ++pages;
  } while (!request.page_token().empty() && pages < 10);
  EXPECT_EQ(pages, 3);
  EXPECT_EQ(numbers, Numbers());
  ASSERT_EQ(numbers.size(), 25U);
  EXPECT_TRUE(std::is_sorted(numbers.begin(), numbers.end()));
}

TEST_F(DoctorListTest, RefusalsByName) {
  Serve();
  v1::ListDoctorsRequest request;
  v1::ListDoctorsResponse response;
  EXPECT_EQ(ReasonOf(List(request, response)), "NOT_READY");
  Commit({MakeContract(1, "0301"), MakePeriod(11, 1, 101), MakePeriod(12, 1, 102)});
  request.set_municipality("3805");
  EXPECT_EQ(ReasonOf(List(request, response)), "INVALID_FIELD") << "was, but is no longer";
  request = {};
  request.set_page_size(1);
  ASSERT_TRUE(List(request, response).ok());
  request.set_page_token(response.next_page_token());
  request.set_specialist(false);
  EXPECT_EQ(ReasonOf(List(request, response)), "PAGE_TOKEN_INVALID");
}

}  // namespace
}  // namespace flosync
