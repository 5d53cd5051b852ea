// From Values to register changes: one function per kind of record, the same for JSON and XML. Each refuses as part F
// says and leaves out what no rule needs (R24). What a function returns counts only if `findings` are not refused in
// the end; its identity is 0 where it could not be read.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "connectors/decode/decoder.h"
#include "connectors/decode/field.h"
#include "domain/register_change.h"

namespace flosync {

// HPR JSON person (B.1A) or HPR2 Person element (B.1B).
[[nodiscard]] Person ReadPerson(const Field& root, const DecoderConfig& config, Findings& findings);

// GPContract and GPOnContractAssociation (B.2.3).
[[nodiscard]] Contract ReadContract(const Field& root, Findings& findings);
[[nodiscard]] DoctorPeriod ReadDoctorPeriod(const Field& root, Findings& findings);

// One element of a batch, or the whole record.
[[nodiscard]] PatientCount ReadPatientCount(const Field& root, Findings& findings);

// True for an object of FLR's open interface, which is not what flo.contract carries (F11).
[[nodiscard]] bool IsFlrOpenContract(const Value& object);
// True for an object that has a person's number or version; FHIR resources, for one, have neither (B.5).
[[nodiscard]] bool LooksLikePerson(const Value& object);

// What an event of hpr.event asks for (E10): nothing for an event of no consequence. `type` is the CloudEvents type,
// which names the event where the envelope does not; `key` the person where the envelope does not.
[[nodiscard]] std::optional<RegisterChange> ReadEvent(const Field& root, std::string_view type,
                                                      const std::optional<std::string>& key,
                                                      const DecoderConfig& config, Findings& findings);

}  // namespace flosync
