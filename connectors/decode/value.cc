#include "connectors/decode/value.h"

#include <array>
#include <cassert>
#include <limits>

#include "connectors/decode/ascii.h"
#include "connectors/decode/identifiers.h"
#include "connectors/decode/json_document.h"

namespace flosync {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

bool IsText(pugi::xml_node node) { return node.type() == pugi::node_pcdata || node.type() == pugi::node_cdata; }

// An xsi:nil attribute, whatever its prefix.
bool IsNil(pugi::xml_node node) {
  for (const pugi::xml_attribute attribute : node.attributes()) {
    const std::string_view name = attribute.name();
    if (name != "nil" && !name.ends_with(":nil")) continue;
    const std::string_view value = attribute.value();
    return value == "true" || value == "1";
  }
  return false;
}

std::optional<int64_t> JsonInteger(element value) {
  switch (value.type()) {
    case element_type::INT64:
      return value.get_int64().value_unsafe();
    case element_type::UINT64:
      return std::numeric_limits<int64_t>::max();
    case element_type::DOUBLE:
      // What ParseJson puts in the place of integers without bounds.
      if (value.get_double().value_unsafe() == kHugeNumber) return std::numeric_limits<int64_t>::max();
      if (value.get_double().value_unsafe() == -kHugeNumber) return std::numeric_limits<int64_t>::min();
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

void FindJsonMembers(const simdjson::dom::object& object, std::span<const MemberName> names, std::span<Value> found) {
  enum class Match : uint8_t { kNone, kFolded, kExact };
  std::array<Match, Value::kMaxMembers> matches{};
  for (const auto [key, value] : object) {
    for (size_t i = 0; i < names.size(); ++i) {
      if (names[i].json.size() != key.size() || key.empty()) continue;
      if (names[i].json == key) {
        found[i] = Value(value);
        matches[i] = Match::kExact;
        break;
      }
      if (matches[i] == Match::kNone && EqualsIgnoreAsciiCase(names[i].json, key)) {
        found[i] = Value(value);
        matches[i] = Match::kFolded;
        break;
      }
    }
  }
}

void FindXmlMembers(pugi::xml_node node, std::span<const MemberName> names, std::span<Value> found) {
  std::array<bool, Value::kMaxMembers> seen{};
  for (const pugi::xml_node child : node.children()) {
    if (child.type() != pugi::node_element) continue;
    const std::string_view name = LocalName(child);
    for (size_t i = 0; i < names.size(); ++i) {
      if (names[i].xml != name || seen[i]) continue;
      found[i] = Value::Member(child);
      seen[i] = true;
      break;
    }
  }
}

}  // namespace

std::string_view LocalName(pugi::xml_node node) {
  const std::string_view name = node.name();
  const size_t colon = name.find(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

Value::Value(simdjson::dom::element element) {
  if (!element.is_null()) at_ = element;
}

Value Value::Element(pugi::xml_node node) {
  Value value;
  value.at_ = node;
  return value;
}

Value Value::Member(pugi::xml_node node) { return IsNil(node) || !node.first_child() ? Value() : Element(node); }

bool Value::IsObject() const {
  if (const auto* json = std::get_if<element>(&at_)) return json->is_object();
  const auto* xml = std::get_if<pugi::xml_node>(&at_);
  if (xml == nullptr) return false;
  for (const pugi::xml_node child : xml->children()) {
    if (IsText(child)) return false;
  }
  return true;
}

bool Value::IsList() const {
  if (const auto* json = std::get_if<element>(&at_)) return json->is_array();
  return IsObject();
}

std::optional<std::string_view> Value::Text() const {
  if (const auto* json = std::get_if<element>(&at_)) {
    std::string_view text;
    if (json->get_string().get(text) != simdjson::SUCCESS) return std::nullopt;
    return text;
  }
  const auto* xml = std::get_if<pugi::xml_node>(&at_);
  if (xml == nullptr) return std::nullopt;
  const pugi::xml_node child = xml->first_child();
  if (!child) return "";
  if (!IsText(child) || child.next_sibling()) return std::nullopt;
  return child.value();
}

std::optional<int64_t> Value::Integer() const {
  if (const auto text = Text()) return ParseInteger(*text);
  if (const auto* json = std::get_if<element>(&at_)) return JsonInteger(*json);
  return std::nullopt;
}

std::optional<bool> Value::Boolean() const {
  if (const auto* json = std::get_if<element>(&at_)) {
    if (json->is_bool()) return json->get_bool().value_unsafe();
  }
  const auto text = Text();
  if (text == "true" || text == "1") return true;
  if (text == "false" || text == "0") return false;
  return std::nullopt;
}

void Value::FindMembers(std::span<const MemberName> names, std::span<Value> found) const {
  assert(names.size() <= kMaxMembers && names.size() == found.size());
  if (const auto* json = std::get_if<element>(&at_)) {
    simdjson::dom::object object;
    if (json->get_object().get(object) == simdjson::SUCCESS) FindJsonMembers(object, names, found);
  } else if (const auto* xml = std::get_if<pugi::xml_node>(&at_)) {
    FindXmlMembers(*xml, names, found);
  }
}

std::vector<Value> Value::Items() const {
  std::vector<Value> items;
  if (const auto* json = std::get_if<element>(&at_)) {
    simdjson::dom::array array;
    if (json->get_array().get(array) == simdjson::SUCCESS) {
      for (const element item : array) items.emplace_back(item);
    }
  } else if (const auto* xml = std::get_if<pugi::xml_node>(&at_)) {
    for (const pugi::xml_node child : xml->children()) {
      if (child.type() == pugi::node_element) items.push_back(Element(child));
    }
  }
  return items;
}

}  // namespace flosync
