// The real wire shapes: a person of HPR as JSON and as SOAP XML, FLR's data contracts as JSON and as DataContract XML,
// patient counts and register events as JSON. Pure functions that append to `out`; safe from any thread.
//
//   std::string value;
//   AppendPersonJson(value, person, seed);  // {"person":{"fornavn":"Solveig",…},"hprNummer":1234567,…}
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "connectors/synthetic/world.h"

namespace flosync::synthetic {

enum class WireFormat : std::uint8_t { kJson, kXml };

// The person as published: `person.updated` is the version (sistOppdatert) and its day the day it applies to.
void AppendPersonJson(std::string& out, const Person& person, std::uint64_t seed);
// The same as HPR2's SOAP service gives it: a Person element, in every other case inside its envelope. Suspension
// periods are told here only.
void AppendPersonSoap(std::string& out, const Person& person, std::uint64_t seed);

// The contract as published at `updated`, with its municipality as published.
void AppendContract(std::string& out, const List& list, OsloMs updated, WireFormat format);

// The doctor period with the end published so far.
void AppendDoctorPeriod(std::string& out, const DoctorPeriod& period, std::int64_t contract_id, OsloMs updated,
                        WireFormat format);

// {"contractId":…,"patientCount":…,"countedAt":"…T00:00:00"}
void AppendPatientCount(std::string& out, std::int64_t contract_id, std::int64_t patients, Day counted_at);

// An event of the register platform as the bridge's carrier writes it. `merged_number` 0 = none.
void AppendHprEvent(std::string& out, std::string_view event_name, std::int32_t hpr_number, std::int32_t merged_number,
                    UtcMs enqueued, std::uint64_t message_key);

// `text` as a JSON string with its quotes.
void AppendJsonString(std::string& out, std::string_view text);

}  // namespace flosync::synthetic
