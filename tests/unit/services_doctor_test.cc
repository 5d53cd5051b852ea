// DoctorService: one doctor today.
#include <gtest/gtest.h>

#include "tests/unit/services_fixture.h"

namespace flosync {
namespace {

std::string ReasonOf(const grpc::Status& status) { return ReadErrorDetails(status).reason; }

class DoctorServiceTest : public ServicesTest {
 protected:
  grpc::Status Get(int32_t hpr_number, v1::GetDoctorResponse& response) const {
    v1::GetDoctorRequest request;
    request.set_hpr_number(hpr_number);
    return Get(request, response);
  }
  grpc::Status Get(const v1::GetDoctorRequest& request, v1::GetDoctorResponse& response) const {
    const auto context = Context();
    return v1::DoctorService::NewStub(channel_)->GetDoctor(context.get(), request, &response);
  }
};

TEST_F(DoctorServiceTest, DoctorIsTold) {
  Commit({MakeContract(1, "0301"), MakePeriod(11, 1, 101), MakePerson(101, true)});
  Serve();
  v1::GetDoctorResponse response;
  ASSERT_TRUE(Get(101, response).ok());
  const auto& doctor = response.doctor();
  EXPECT_EQ(doctor.hpr_number(), 101);
  EXPECT_EQ(doctor.surviving_hpr_number(), 101);
  EXPECT_TRUE(doctor.in_hpr());
  EXPECT_TRUE(doctor.specialist());
  EXPECT_TRUE(doctor.authorised());
  EXPECT_EQ(doctor.birth_year(), 1980);
  EXPECT_EQ(doctor.sex(), v1::SEX_FEMALE);
  ASSERT_EQ(doctor.specialist_periods_size(), 1);
  EXPECT_EQ(doctor.specialist_periods(0).from(), "2015-01-01");
  EXPECT_EQ(doctor.specialist_periods(0).to(), "");
  EXPECT_EQ(doctor.hpr_updated(), "2020-01-01T12:00:00");
  ASSERT_EQ(doctor.contracts_size(), 1);
  EXPECT_EQ(doctor.contracts(0).doctor_period_id(), 11);
  EXPECT_EQ(doctor.contracts(0).contract_id(), 1);
  EXPECT_EQ(doctor.contracts(0).relationship(), "LPFL");
  EXPECT_EQ(doctor.contracts(0).percentage(), 100);
  EXPECT_TRUE(doctor.contracts(0).current());
  EXPECT_EQ(response.revision(), 1);
}

TEST_F(DoctorServiceTest, MergedNumbersAreOneDoctor) {
  Commit({MakeContract(1, "0301"), MakePeriod(11, 1, 100), MakePeriod(12, 1, 101), MakePeriod(13, 1, 102),
          MakePerson(102, true), Merge{100, 101}, Merge{101, 102}});
  Serve();
  for (const int32_t number : {100, 101, 102}) {
    v1::GetDoctorResponse response;
    ASSERT_TRUE(Get(number, response).ok());
    EXPECT_EQ(response.doctor().hpr_number(), number);
    EXPECT_EQ(response.doctor().surviving_hpr_number(), 102);
    EXPECT_TRUE(response.doctor().specialist());
    EXPECT_EQ(response.doctor().contracts_size(), 3) << "those of merged numbers included";
  }
}

TEST_F(DoctorServiceTest, DoctorWhoIsNotInHprIsKnownByContracts) {
  Commit({MakeContract(1, "0301"), MakePeriod(11, 1, 101), MakePerson(102, true)});
  Commit({Deletion{{EntityKind::kPerson, 102}}, Deletion{{EntityKind::kDoctorPeriod, 11}}, MakePeriod(12, 1, 103)});
  Serve();
  v1::GetDoctorResponse response;
  ASSERT_TRUE(Get(103, response).ok());
  EXPECT_FALSE(response.doctor().in_hpr());
  EXPECT_EQ(response.doctor().contracts_size(), 1);
  ASSERT_TRUE(Get(102, response).ok());
  EXPECT_FALSE(response.doctor().in_hpr());
  EXPECT_FALSE(response.doctor().specialist()) << "of a deleted entry nothing is told";
}

TEST_F(DoctorServiceTest, DoctorRefusalsByName) {
  Serve();
  v1::GetDoctorResponse response;
  EXPECT_EQ(ReasonOf(Get(1, response)), "NOT_READY");
  Commit({MakePerson(101, true)});
  const grpc::Status unknown = Get(987654, response);
  EXPECT_EQ(unknown.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(unknown.error_message().find("987654"), std::string::npos) << "no HPR numbers in texts";
  EXPECT_EQ(ReasonOf(Get(0, response)), "INVALID_FIELD");
  EXPECT_EQ(ReasonOf(Get(-5, response)), "INVALID_FIELD");
  v1::GetDoctorRequest request;
  request.set_hpr_number(101);
  request.set_as_of("2020-01-01");
  EXPECT_EQ(ReasonOf(Get(request, response)), "AS_OF_NOT_SUPPORTED");
  request.clear_as_of();
  request.mutable_known_at();
  EXPECT_EQ(ReasonOf(Get(request, response)), "KNOWN_AT_NOT_SUPPORTED");
}

}  // namespace
}  // namespace flosync
