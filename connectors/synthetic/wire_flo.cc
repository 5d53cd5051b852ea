// FLR's data contracts (GPContract, GPOnContractAssociation), patient counts and register events.
#include <cstdio>

#include "connectors/synthetic/wire.h"

namespace flosync::synthetic {
namespace {

struct FlrCode {
  int oid;
  std::string_view simple_type;
  std::string_view value;
  std::string_view text;
};

FlrCode CodeOf(const DoctorPeriod& period) {
  if (period.unknown_code) return {7750, "flrv2_relationship", "NOTHIN", "(ukjent)"};
  switch (period.relationship) {
    case Relationship::kSubstitute:
      return {7750, "flrv2_relationship", "LPVI", "Vikar"};
    case Relationship::kSharedList:
      return {7750, "flrv2_relationship", "LPDL", "Delelistelege"};
    default:
      return {7750, "flrv2_relationship", "LPFL", "Fastlege"};
  }
}

FlrCode StatusOf(const List& list) {
  if (list.unknown_code) return {7751, "flrv2_statuscode", "FAXX", "(ukjent)"};
  return {7751, "flrv2_statuscode", "FAAA", "Åpen"};
}

// NHN writes 301 as often as 0301 (R8), so some offices do.
std::string MunicipalityNumber(const List& list) {
  if (list.strange_number != 0) return list.strange_number == 1 ? "2100" : list.strange_number == 2 ? "9999" : "";
  char number[8];
  const bool padded = list.organisation_number % 8 != 0;
  std::snprintf(number, sizeof number, padded ? "%04d" : "%d", list.published_number);
  return number;
}

void AppendCodeJson(std::string& out, std::string_view member, const FlrCode& code) {
  out += '"';
  out += member;
  out += R"(":{"OID":)";
  out += std::to_string(code.oid);
  out += R"(,"SimpleType":")";
  out += code.simple_type;
  out += R"(","CodeValue":")";
  out += code.value;
  out += R"(","CodeText":")";
  out += code.text;
  out += R"(","Active":true})";
}

void AppendCodeXml(std::string& out, std::string_view element, const FlrCode& code) {
  out += '<';
  out += element;
  out += R"( xmlns:a="http://register.nhn.no/Common"><a:Active>true</a:Active><a:CodeText>)";
  out += code.text;
  out += "</a:CodeText><a:CodeValue>";
  out += code.value;
  out += "</a:CodeValue><a:OID>";
  out += std::to_string(code.oid);
  out += "</a:OID><a:SimpleType>";
  out += code.simple_type;
  out += "</a:SimpleType></";
  out += element;
  out += '>';
}

// The first day outside, or a time of day on the last day inside: both mean the same (R2).
void AppendEnd(std::string& out, Day to, bool with_time) {
  if (!with_time) return AppendMidnight(out, to);
  AppendDate(out, to - 1);
  out += to % 2 == 0 ? "T23:59:59.997" : "T12:00:00";
}

void AppendValidJson(std::string& out, Day from, Day to, bool end_with_time, std::int64_t id) {
  out += R"("Valid":{"From":")";
  AppendMidnight(out, from);
  if (to != kOpenEnd) {
    out += R"(","To":")";
    AppendEnd(out, to, end_with_time);
    out += "\"}";
    return;
  }
  // "No end" has three spellings in the wild (F4).
  out += id % 10 == 0   ? R"(","To":"9999-12-31T00:00:00"})"
         : id % 10 == 1 ? R"(","To":"9999-12-31T23:59:59.997"})"
                        : R"(","To":null})";
}

void AppendValidXml(std::string& out, Day from, Day to, bool end_with_time) {
  out += R"(<Valid xmlns:a="http://schemas.nhn.no/reg/Common/en"><a:From>)";
  AppendMidnight(out, from);
  out += "</a:From>";
  if (to == kOpenEnd) {
    out += R"(<a:To i:nil="true"/></Valid>)";
    return;
  }
  out += "<a:To>";
  AppendEnd(out, to, end_with_time);
  out += "</a:To></Valid>";
}

void AppendContractJson(std::string& out, const List& list, OsloMs updated) {
  out += R"({"Id":)" + std::to_string(list.id);
  out += R"(,"ParticipatesOnCommonList":false,"IsFixedSalary":)";
  out += list.published_fixed_salary ? "true" : "false";
  out += R"(,"RequiresMembership":null,"GPOffice":null,"GPOfficeOrganizationNumber":)";
  out += std::to_string(list.organisation_number);
  out += R"(,"MaxPatients":)" + (list.without_cap ? "null" : std::to_string(list.published_cap)) + ',';
  AppendCodeJson(out, "Status", StatusOf(list));
  out += R"(,"Name":null,"AgreementDate":")";
  AppendMidnight(out, list.from);
  out += R"(",)";
  AppendValidJson(out, list.from, list.published_to, list.end_with_time, list.id);
  out += R"(,"DoctorCycles":[],"OutOfOfficeOffices":[],"PatientList":null,)";
  AppendCodeJson(out, "Municipality", {3402, "kommune", MunicipalityNumber(list), "Kommune"});
  out += R"(,"CoopMunicipalities":[],"EndReason":)";
  if (list.published_to == kOpenEnd) {
    out += "null";
  } else {
    out +=
        R"({"OID":7753,"SimpleType":"flrv2_contract_endreason","CodeValue":"OHID","CodeText":"Opphør","Active":true})";
  }
  out += R"(,"PlacesAvailable":null,"PatientsOnWaitingList":)" + std::to_string(list.waiting);
  out += R"(,"PrimaryHealthCareTeamId":null,"UpdatedOn":")";
  AppendDateTime(out, updated);
  out += "\"}";
}

// DataContract members come in alphabetical order.
void AppendContractXml(std::string& out, const List& list, OsloMs updated) {
  out += R"(<GPContract xmlns="http://schemas.nhn.no/reg/flr" xmlns:i="http://www.w3.org/2001/XMLSchema-instance">)"
         "<AgreementDate>";
  AppendMidnight(out, list.from);
  out += R"(</AgreementDate><CoopMunicipalities/><DoctorCycles/><EndReason i:nil="true"/><GPOffice i:nil="true"/>)"
         "<GPOfficeOrganizationNumber>";
  out += std::to_string(list.organisation_number);
  out += "</GPOfficeOrganizationNumber><Id>" + std::to_string(list.id) + "</Id><IsFixedSalary>";
  out += list.published_fixed_salary ? "true" : "false";
  out += "</IsFixedSalary>";
  if (!list.without_cap) out += "<MaxPatients>" + std::to_string(list.published_cap) + "</MaxPatients>";
  AppendCodeXml(out, "Municipality", {3402, "kommune", MunicipalityNumber(list), "Kommune"});
  out += R"(<Name i:nil="true"/><OutOfOfficeOffices/><ParticipatesOnCommonList>false</ParticipatesOnCommonList>)"
         R"(<PatientList i:nil="true"/><PatientsOnWaitingList>)";
  out += std::to_string(list.waiting);
  out += R"(</PatientsOnWaitingList><PlacesAvailable i:nil="true"/><PrimaryHealthCareTeamId i:nil="true"/>)"
         R"(<RequiresMembership i:nil="true"/>)";
  AppendCodeXml(out, "Status", StatusOf(list));
  out += "<UpdatedOn>";
  AppendDateTime(out, updated);
  out += "</UpdatedOn>";
  AppendValidXml(out, list.from, list.published_to, list.end_with_time);
  out += "</GPContract>";
}

void AppendDoctorPeriodJson(std::string& out, const DoctorPeriod& period, std::int64_t contract_id, OsloMs updated) {
  out += R"({"Id":)" + std::to_string(period.id);
  out += R"(,"GPContractId":)" + std::to_string(contract_id);
  out += R"(,"GPContract":null,"GP":null,"HprNumber":)" + std::to_string(period.hpr_number);
  out += R"(,"SubstituteForHprNumber":)";
  out += period.substitute_for == 0 ? std::string("null") : std::to_string(period.substitute_for);
  out += ',';
  AppendValidJson(out, period.from, period.published_to, period.end_with_time, period.id);
  out += ',';
  AppendCodeJson(out, "Relationship", CodeOf(period));
  out += R"(,"WorkingPercentage":)";
  out += period.percentage == kNoPercentage ? std::string("null") : std::to_string(period.percentage);
  out += R"(,"WorkingOnDays":[],"UpdatedOn":")";
  AppendDateTime(out, updated);
  out += "\"}";
}

void AppendDoctorPeriodXml(std::string& out, const DoctorPeriod& period, std::int64_t contract_id, OsloMs updated) {
  out +=
      R"(<GPOnContractAssociation xmlns="http://schemas.nhn.no/reg/flr" )"
      R"(xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><GP i:nil="true"/><GPContract i:nil="true"/><GPContractId>)";
  out += std::to_string(contract_id) + "</GPContractId><HprNumber>" + std::to_string(period.hpr_number);
  out += "</HprNumber><Id>" + std::to_string(period.id) + "</Id>";
  AppendCodeXml(out, "Relationship", CodeOf(period));
  if (period.substitute_for == 0) {
    out += R"(<SubstituteForHprNumber i:nil="true"/>)";
  } else {
    out += "<SubstituteForHprNumber>" + std::to_string(period.substitute_for) + "</SubstituteForHprNumber>";
  }
  out += "<UpdatedOn>";
  AppendDateTime(out, updated);
  out += "</UpdatedOn>";
  AppendValidXml(out, period.from, period.published_to, period.end_with_time);
  out += R"(<WorkingOnDays xmlns:a="http://schemas.datacontract.org/2004/07/System"/>)";
  if (period.percentage == kNoPercentage) {
    out += R"(<WorkingPercentage i:nil="true"/>)";
  } else {
    out += "<WorkingPercentage>" + std::to_string(period.percentage) + "</WorkingPercentage>";
  }
  out += "</GPOnContractAssociation>";
}

}  // namespace

void AppendContract(std::string& out, const List& list, OsloMs updated, WireFormat format) {
  if (format == WireFormat::kJson) {
    AppendContractJson(out, list, updated);
  } else {
    AppendContractXml(out, list, updated);
  }
}

void AppendDoctorPeriod(std::string& out, const DoctorPeriod& period, std::int64_t contract_id, OsloMs updated,
                        WireFormat format) {
  if (format == WireFormat::kJson) {
    AppendDoctorPeriodJson(out, period, contract_id, updated);
  } else {
    AppendDoctorPeriodXml(out, period, contract_id, updated);
  }
}

void AppendPatientCount(std::string& out, std::int64_t contract_id, std::int64_t patients, Day counted_at) {
  out += R"({"contractId":)" + std::to_string(contract_id);
  out += R"(,"patientCount":)" + std::to_string(patients);
  out += R"(,"countedAt":")";
  AppendMidnight(out, counted_at);
  out += "\"}";
}

void AppendHprEvent(std::string& out, std::string_view event_name, std::int32_t hpr_number, std::int32_t merged_number,
                    UtcMs enqueued, std::uint64_t message_key) {
  char message_id[40];
  const std::uint64_t low = Mix(message_key, 1);
  const std::uint64_t high = Mix(message_key, 2);
  std::snprintf(message_id, sizeof message_id, "%08x-%04x-4%03x-8%03x-%012llx", static_cast<unsigned>(high >> 32),
                static_cast<unsigned>(high >> 16 & 0xffff), static_cast<unsigned>(high & 0xfff),
                static_cast<unsigned>(low >> 52), static_cast<unsigned long long>(low & 0xffffffffffffULL));
  out += R"({"carrier":"amqp","exchange":"RegisterEvents","queue":"flosync-hpr","messageId":")";
  out += message_id;
  out += R"(","redelivered":false,"properties":{"eventSource":"Hpr","eventName":")";
  out += event_name;
  out += R"(","enqueuedTimeUtc":")";
  AppendDateTime(out, enqueued - enqueued % 1000);
  out += R"(","hprNummer":")" + std::to_string(hpr_number) + '"';
  if (merged_number != 0) out += R"(,"hprUtgår":")" + std::to_string(merged_number) + '"';
  out += R"(},"body":null})";
}

void AppendJsonString(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) >= 0x20) {
      out += c;
      continue;
    }
    char escaped[8];
    std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(static_cast<unsigned char>(c)));
    out += escaped;
  }
  out += '"';
}

}  // namespace flosync::synthetic
