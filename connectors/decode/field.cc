#include "connectors/decode/field.h"

#include <limits>

#include "connectors/decode/identifiers.h"

namespace flosync {
namespace {

constexpr std::string_view kEndOfTime = "9999-12-31";
constexpr int64_t kSecondsPerDay = 86400;

constexpr std::array<MemberName, 2> kHprPeriodNames = {{{"fra", "Fra"}, {"til", "Til"}}};
constexpr std::array<MemberName, 2> kFlrPeriodNames = {{{"From", "From"}, {"To", "To"}}};
enum PeriodMember : size_t { kBegin, kEnd };

// A bound as written: nothing if it is absent or open (F4). What is no date refuses the record.
std::optional<WallTime> ReadBound(const Field& field, Findings& findings) {
  if (field.value.absent()) return std::nullopt;
  const auto text = field.value.Text();
  if (text && text->starts_with(kEndOfTime)) return std::nullopt;
  const auto time = text ? ParseWallTime(*text) : std::nullopt;
  if (!time) findings.Refuse(DeviationCode::kMalformedRecord, field.path, "is not a date or date-time");
  return time;
}

bool IsMidnight(WallTime time) { return time.nanos == 0 && time.seconds % kSecondsPerDay == 0; }

Period CheckPeriod(Period period, const Field& field, Findings& findings) {
  if (!period.Valid()) findings.Refuse(DeviationCode::kInvalidPeriod, field.path, "begins on or after its end");
  return period;
}

// A national identity number where an identifier belongs is reported and not kept (R24). Eleven digits that could be
// one are taken for one: no register's keys are that long.
bool RefuseNin(const Field& field, Findings& findings) {
  const auto number = field.value.Integer();
  if (!ContainsNin(field.value.Text().value_or("")) && !(number && IsValidNin(std::to_string(*number)))) return false;
  findings.Refuse(DeviationCode::kInvalidIdentifier, field.path, "is a national identity number");
  findings.Doubt(DeviationCode::kPersonalDataReceived, field.path, "is a national identity number");
  return true;
}

}  // namespace

bool CheckObject(const Field& field, Findings& findings) {
  if (field.value.absent()) return false;
  if (field.value.IsObject()) return true;
  findings.Refuse(DeviationCode::kMalformedRecord, field.path, "is not an object");
  return false;
}

std::string ReadText(const Field& field, Findings& findings) {
  if (field.value.absent()) return {};
  std::string text;
  if (const auto given = field.value.Text()) {
    text = *given;
  } else if (const auto number = field.value.Integer()) {
    text = std::to_string(*number);
  } else {
    findings.Refuse(DeviationCode::kMalformedRecord, field.path, "is not text");
  }
  if (!ContainsNin(text)) return text;
  findings.Doubt(DeviationCode::kPersonalDataReceived, field.path, "holds a national identity number; it is left out");
  return {};
}

bool ReadFlag(const Field& field, Findings& findings) {
  if (field.value.absent()) return false;
  const auto flag = field.value.Boolean();
  if (!flag) findings.Refuse(DeviationCode::kMalformedRecord, field.path, "is not true or false");
  return flag.value_or(false);
}

std::optional<int32_t> ReadCount(const Field& field, Findings& findings) {
  if (field.value.absent()) return std::nullopt;
  const auto number = field.value.Integer();
  if (!number) {
    findings.Refuse(DeviationCode::kMalformedRecord, field.path, "is not a whole number");
  } else if (*number < 0) {
    findings.Refuse(DeviationCode::kNegativeNumber, field.path, "is negative");
  } else if (*number > std::numeric_limits<int32_t>::max()) {
    findings.Refuse(DeviationCode::kMalformedRecord, field.path, "is larger than 2147483647");
  } else {
    return static_cast<int32_t>(*number);
  }
  return std::nullopt;
}

int64_t ReadId(const Field& field, Findings& findings) {
  if (field.value.absent()) {
    findings.Refuse(DeviationCode::kInvalidIdentifier, field.path, "is missing");
    return 0;
  }
  if (RefuseNin(field, findings)) return 0;
  const auto number = field.value.Integer();
  // A number cut to 64 bits by ParseInteger is no identifier either.
  if (number && *number > 0 && *number < std::numeric_limits<int64_t>::max()) return *number;
  findings.Refuse(DeviationCode::kInvalidIdentifier, field.path, "is not a positive whole number");
  return 0;
}

int32_t ReadHprNumber(const Field& field, Findings& findings) {
  if (field.value.absent()) {
    findings.Refuse(DeviationCode::kInvalidIdentifier, field.path, "is missing");
    return 0;
  }
  if (RefuseNin(field, findings)) return 0;
  const auto number = field.value.Integer();
  if (number && *number > 0 && *number <= std::numeric_limits<int32_t>::max()) return static_cast<int32_t>(*number);
  findings.Refuse(DeviationCode::kInvalidIdentifier, field.path, "is not an HPR number (1..2147483647)");
  return 0;
}

int32_t ReadOptionalHprNumber(const Field& field, Findings& findings) {
  if (field.value.absent() || field.value.Integer() == 0) return 0;
  return ReadHprNumber(field, findings);
}

WallTime ReadVersion(const Field& field, Findings& findings) {
  if (field.value.absent()) {
    findings.Refuse(DeviationCode::kMalformedRecord, field.path, "is missing");
    return {};
  }
  const auto text = field.value.Text();
  const auto time = text ? ParseWallTime(*text) : std::nullopt;
  if (!time) findings.Refuse(DeviationCode::kMalformedRecord, field.path, "is not a date-time");
  return time.value_or(WallTime{});
}

std::optional<Day> ReadDay(const Field& field, Findings& findings) {
  const auto time = ReadBound(field, findings);
  if (!time) return std::nullopt;
  return time->day();
}

Period ReadHprPeriod(const Field& field, Findings& findings) {
  if (!CheckObject(field, findings)) return {};
  const Fields bounds(field, kHprPeriodNames);
  Period period;
  if (const auto from = ReadBound(bounds[kBegin], findings)) period.from = from->day();
  if (const auto last = ReadBound(bounds[kEnd], findings)) period.to = last->day().Plus(1);
  return CheckPeriod(period, field, findings);
}

Period ReadFlrPeriod(const Field& field, Findings& findings) {
  if (field.value.absent()) {
    findings.Refuse(DeviationCode::kInvalidPeriod, field.path, "is missing");
    return {};
  }
  if (!CheckObject(field, findings)) return {};
  const Fields bounds(field, kFlrPeriodNames);
  Period period;
  const auto from = ReadBound(bounds[kBegin], findings);
  if (!from) {
    findings.Refuse(DeviationCode::kInvalidPeriod, bounds[kBegin].path, "is missing or never begins");
  } else {
    period.from = from->day();
  }
  if (const auto to = ReadBound(bounds[kEnd], findings)) period.to = to->day().Plus(IsMidnight(*to) ? 0 : 1);
  return CheckPeriod(period, field, findings);
}

void CheckNin(const Field& field, Findings& findings) {
  if (field.value.absent()) return;
  const auto text = field.value.Text();
  const auto number = text ? std::nullopt : field.value.Integer();
  const std::string digits = number ? std::to_string(*number) : std::string(text.value_or("?"));
  if (digits.empty() || IsValidNin(digits)) return;
  findings.Doubt(DeviationCode::kInvalidIdentifier, field.path, "is not a valid national identity number");
}

void CheckOrganisationNumber(const Field& field, Findings& findings) {
  if (field.value.absent()) return;
  const auto number = field.value.Integer();
  if (number && IsValidOrganisationNumber(std::to_string(*number))) return;
  findings.Doubt(DeviationCode::kInvalidIdentifier, field.path, "is not a valid organisation number");
}

}  // namespace flosync
