// Parses XML into Values.
#pragma once

#include <optional>
#include <string_view>

#include "connectors/decode/value.h"

namespace flosync {

// The root element of `text`; nothing if it is not one XML document. The node and all below it live until the next call
// of this function on the same thread; `text` need not outlive the call. Text that is valid UTF-8 is read as UTF-8
// whatever its declaration says (HPR2 declares ISO-8859-1 and sends UTF-8); otherwise the byte order mark or
// declaration decides. Document type declarations are skipped: no entity is ever expanded or fetched.
[[nodiscard]] std::optional<pugi::xml_node> ParseXml(std::string_view text);

}  // namespace flosync
