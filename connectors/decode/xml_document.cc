#include "connectors/decode/xml_document.h"

namespace flosync {
std::optional<pugi::xml_node> ParseXml(std::string_view text) {
  thread_local pugi::xml_document document;
  const bool is_utf8 = simdjson::validate_utf8(text.data(), text.size());
  // As a fragment, so that text outside the root element can be seen and refused.
  const pugi::xml_parse_result result =
      document.load_buffer(text.data(), text.size(), pugi::parse_default | pugi::parse_fragment,
                           is_utf8 ? pugi::encoding_utf8 : pugi::encoding_auto);
  // Bytes that nothing declares to be another encoding would have to be UTF-8.
  if (!result || (!is_utf8 && result.encoding == pugi::encoding_utf8)) return std::nullopt;
  pugi::xml_node root;
  for (const pugi::xml_node child : document.children()) {
    if (child.type() != pugi::node_element || root) return std::nullopt;
    root = child;
  }
  if (!root) return std::nullopt;
  return root;
}

}  // namespace flosync
