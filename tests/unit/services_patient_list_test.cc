// PatientListService: lists, their filters, pages and refusals.
#include <gtest/gtest.h>

#include "tests/unit/services_fixture.h"

namespace flosync {
namespace {

std::string ReasonOf(const grpc::Status& status) { return ReadErrorDetails(status).reason; }

class PatientListServiceTest : public ServicesTest {
 protected:
  grpc::Status List(const v1::ListPatientListsRequest& request, v1::ListPatientListsResponse& response) const {
    const auto context = Context();
    return v1::PatientListService::NewStub(channel_)->ListPatientLists(context.get(), request, &response);
  }
  std::vector<int64_t> ListIds(const v1::ListPatientListsRequest& request) const {
    v1::ListPatientListsResponse response;
    const grpc::Status status = List(request, response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    std::vector<int64_t> ids;
    for (const auto& list : response.patient_lists()) ids.push_back(list.contract_id());
    return ids;
  }
};

TEST_F(PatientListServiceTest, ListsAreTold) {
  PatientCount count;
  count.contract_id = 1;
  count.patients = 950;
  count.counted = *ParseWallTime("2025-05-01T00:00:00");
  Commit({MakeContract(1, "0301"), count, MakePeriod(11, 1, 100), MakePeriod(12, 1, 103, "LPVI"), MakePerson(101, true),
          Merge{100, 101}});
  Contract old = MakeContract(2, "3805");
  Contract ended = MakeContract(3, "0301");
  ended.period.to = Day(2025, 1, 1);
  Commit({old, ended});
  Serve();
  v1::ListPatientListsResponse response;
  ASSERT_TRUE(List({}, response).ok());
  ASSERT_EQ(response.patient_lists_size(), 2) << "active lists only";
  const auto& staffed = response.patient_lists(0);
  EXPECT_TRUE(staffed.staffed());
  EXPECT_EQ(staffed.municipality_today(), "0301");
  EXPECT_EQ(staffed.patients(), 950);
  EXPECT_EQ(staffed.list_cap(), 1000);
  ASSERT_EQ(staffed.regular_gps_size(), 1);
  EXPECT_EQ(staffed.regular_gps(0), 101) << "the surviving number";
  ASSERT_EQ(staffed.substitutes_size(), 1);
  EXPECT_EQ(staffed.substitutes(0), 103);
  const auto& unstaffed = response.patient_lists(1);
  EXPECT_EQ(unstaffed.municipality(), "3805");
  EXPECT_EQ(unstaffed.municipality_today(), "3909") << "Larvik since 2024";
  EXPECT_EQ(unstaffed.unstaffed_since(), "2020-01-01");
  EXPECT_TRUE(unstaffed.unstaffed_over_1y());
  EXPECT_FALSE(unstaffed.has_patients());
  EXPECT_EQ(response.revision(), 2);
}

TEST_F(PatientListServiceTest, ListsAreFiltered) {
  Contract new_list = MakeContract(3, "4601");
  new_list.period.from = Day(2025, 5, 1);
  Commit({MakeContract(1, "0301"), MakePeriod(11, 1, 101), MakeContract(2, "0301"), MakePeriod(12, 2, 102, "LPVI"),
          new_list});
  Serve();
  v1::ListPatientListsRequest request;
  EXPECT_EQ(ListIds(request), (std::vector<int64_t>{1, 2, 3}));
  request.set_unstaffed_only(true);
  EXPECT_EQ(ListIds(request), (std::vector<int64_t>{2, 3}));
  request.set_without_substitute(true);
  EXPECT_EQ(ListIds(request), (std::vector<int64_t>{3}));
  request = {};
  request.set_unstaffed_before("2025-05-01");
  EXPECT_EQ(ListIds(request), (std::vector<int64_t>{2}));
  request.set_unstaffed_before("2025-05-02");
  EXPECT_EQ(ListIds(request), (std::vector<int64_t>{2, 3}));
  request.set_municipality("4601");
  EXPECT_EQ(ListIds(request), (std::vector<int64_t>{3}));
}

TEST_F(PatientListServiceTest, ListsArePaged) {
  Commit(ManyContracts(1, 25));
  Serve();
  v1::ListPatientListsRequest request;
  request.set_page_size(10);
  std::vector<int64_t> ids;
  int pages = 0;
  do {
    v1::ListPatientListsResponse response;
    ASSERT_TRUE(List(request, response).ok());
    for (const auto& list : response.patient_lists()) ids.push_back(list.contract_id());
    request.set_page_token(response.next_page_token());
    ++pages;
  } while (!request.page_token().empty());
  EXPECT_EQ(pages, 3);
  ASSERT_EQ(ids.size(), 25U);
  for (int64_t i = 0; i < 25; ++i) EXPECT_EQ(ids[static_cast<size_t>(i)], i + 1);
}

TEST_F(PatientListServiceTest, ListRefusalsByName) {
  Commit({MakeContract(1, "0301"), MakeContract(2, "0301")});
  Serve();
  v1::ListPatientListsResponse response;
  v1::ListPatientListsRequest request;
  request.set_municipality("3805");
  EXPECT_EQ(ReasonOf(List(request, response)), "INVALID_FIELD") << "was, but is no longer";
  request.set_municipality("03");
  EXPECT_EQ(ReasonOf(List(request, response)), "INVALID_FIELD") << "a county";
  request = {};
  request.set_unstaffed_before("soon");
  EXPECT_EQ(ReasonOf(List(request, response)), "INVALID_FIELD");
  request = {};
  request.set_page_size(1);
  ASSERT_TRUE(List(request, response).ok());
  request.set_page_token(response.next_page_token());
  request.set_unstaffed_only(true);
  EXPECT_EQ(ReasonOf(List(request, response)), "PAGE_TOKEN_INVALID");
}

TEST_F(PatientListServiceTest, OneListIsToldAsInTheListOfAll) {
  Contract ended = MakeContract(2, "0301");
  ended.period.to = Day(2024, 1, 1);
  Commit({MakeContract(1, "0301"), ended, MakePeriod(11, 1, 101), MakePeriod(12, 1, 102, "LPVI")});
  Serve();
  const auto get = [this](int64_t id, v1::GetPatientListResponse& response) {
    v1::GetPatientListRequest request;
    request.set_contract_id(id);
    const auto context = Context();
    return v1::PatientListService::NewStub(channel_)->GetPatientList(context.get(), request, &response);
  };
  v1::GetPatientListResponse one;
  ASSERT_TRUE(get(1, one).ok());
  v1::ListPatientListsResponse all;
  ASSERT_TRUE(List({}, all).ok());
  ASSERT_EQ(all.patient_lists_size(), 1);
  EXPECT_EQ(one.patient_list().SerializeAsString(), all.patient_lists(0).SerializeAsString());
  EXPECT_EQ(one.revision(), 1);
  EXPECT_EQ(ReasonOf(get(2, one)), "PATIENT_LIST_NOT_ACTIVE");
  EXPECT_EQ(ReasonOf(get(3, one)), "PATIENT_LIST_NOT_KNOWN");
  EXPECT_EQ(ReasonOf(get(0, one)), "INVALID_FIELD");
}

}  // namespace
}  // namespace flosync
