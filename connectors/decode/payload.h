// From the bytes of a record to its root Value: byte order mark, Confluent prefix, content type, CloudEvents envelope,
// and the choice between JSON and XML (F14, F17).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "connectors/decode/findings.h"
#include "connectors/decode/value.h"
#include "connectors/record.h"

namespace flosync {

enum class PayloadFormat : uint8_t { kJson, kXml };

struct Payload {
  PayloadFormat format = PayloadFormat::kJson;
  Value root;              // absent for JSON null; lives until the next parse on this thread
  std::string event_type;  // the CloudEvents type, empty if there is none
};

// Nothing if the value cannot be read as its headers say, or as anything; `findings` are then refused as
// MALFORMED_RECORD or UNKNOWN_FORMAT.
[[nodiscard]] std::optional<Payload> OpenPayload(const RawRecord& record, std::string_view value, Findings& findings);

// The header called `name`, without regard to ASCII case; nothing if there is none or it is empty.
[[nodiscard]] std::optional<std::string_view> FindHeader(const RawRecord& record, std::string_view name);

}  // namespace flosync
