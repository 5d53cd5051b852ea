#include "daemon/cli/demo_records.h"

#include "domain/text.h"

namespace flosync {
namespace {

std::string Code(std::string_view value, std::string_view name, int system) {
  return Join(R"({"verdi":")", value, R"(","navn":")", name, R"(","kodeverk":{"id":)", system,
              R"(,"navn":"kodeverk"}})");
}

std::string InclusiveEnd(const std::string& exclusive) {
  const auto end = ParseDay(exclusive);
  return end ? Join("\"", end->Plus(-1).ToString(), "\"") : "null";
}

std::string Line(std::string_view topic, int64_t key, Instant now, const std::string& value) {
  return Join(R"({"topic":")", topic, R"(","partition":0,"timestamp":)", now.ms, R"(,"key":")", key, R"(","value":)",
              value, "}");
}

}  // namespace

std::string SpecialistRecord(const v1::Doctor& doctor, Instant now) {
  const v1::DayPeriod& authorised = doctor.authorised_periods(doctor.authorised_periods_size() - 1);
  const std::string today = OsloDay(now).ToString();
  const std::string speciality =
      Join(R"({"type":)", Code("1", "Allmennmedisin", 7426), R"(,"periode":{"fra":")", today, R"(","til":null}})");
  const std::string approval = Join(
      R"({"helsepersonellkategori":)", Code("LE", "Lege", 9060), R"(,"autorisasjon":)", Code("1", "Autorisasjon", 7704),
      R"(,"periode":{"fra":")", authorised.from().empty() ? "1990-01-01" : authorised.from(), R"(","til":)",
      InclusiveEnd(authorised.to()), R"(},"spesialistgodkjenninger":[)", speciality, "]}");
  const std::string sex = doctor.sex() == v1::SEX_MALE ? "1" : doctor.sex() == v1::SEX_FEMALE ? "2" : "0";
  const std::string birth = doctor.birth_year() == 0 ? "null" : Join("\"", doctor.birth_year(), "-01-01\"");
  return Line("hpr.person", doctor.hpr_number(), now,
              Join(R"({"person":{"fødselsdato":)", birth, R"(,"dødsdato":null,"manglerNin":true,"nin":null,"kjønn":)",
                   Code(sex, "kjønn", 3101), R"(},"hprNummer":)", doctor.hpr_number(),
                   R"(,"erstattetAvHprNummer":null,"godkjenninger":[)", approval,
                   R"(],"administrativeReaksjoner":[],"sistOppdatert":")", ToOslo(now).ToString(), "\"}"));
}

std::string EndedPeriodRecord(const v1::DoctorOnContract& period, Instant now) {
  const std::string today = OsloDay(now).ToString();
  return Line(
      "flo.gp-on-contract", period.contract_id(), now,
      Join(R"({"Id":)", period.doctor_period_id(), R"(,"GPContractId":)", period.contract_id(), R"(,"HprNumber":)",
           period.hpr_number(), R"(,"SubstituteForHprNumber":null,"Valid":{"From":")", period.period().from(),
           R"(T00:00:00","To":")", today, R"(T00:00:00"},"Relationship":{"OID":7750,"CodeValue":"LPFL"},"UpdatedOn":")",
           ToOslo(now).ToString(), "\"}"));
}

}  // namespace flosync
