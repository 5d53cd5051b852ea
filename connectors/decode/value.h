// One value inside a record, whatever its format: the one thing the readers of persons, contracts and events see, so
// that every rule about refusals is written once.
//
// A Value points into the document parsed last on its thread (json_document.h, xml_document.h) and is dead after the
// next parse. Copy freely; do not pass to another thread.
//
//   // of {"hprNummer": "007", "godkjenninger": null} and of <Person><HPRNummer>007</HPRNummer></Person> alike:
//   constexpr std::array<MemberName, 2> kNames = {{{"hprNummer", "HPRNummer"}, {"godkjenninger", "Godkjenninger"}}};
//   std::array<Value, 2> members;
//   person.FindMembers(kNames, members);
//   members[0].Integer();  // 7
//   members[1].absent();   // true
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <pugixml.hpp>

// simdjson's header inlines a great deal that the project's warnings do not like.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wall"
#pragma GCC diagnostic ignored "-Wextra"
#include <simdjson.h>
#pragma GCC diagnostic pop

namespace flosync {

// How a member is called in JSON and in XML; empty where a format does not have it.
struct MemberName {
  std::string_view json;
  std::string_view xml;
};

class Value {
 public:
  Value() = default;  // absent
  explicit Value(simdjson::dom::element element);
  // The root of a document or an item of a list, also if it is empty.
  static Value Element(pugi::xml_node node);
  // A member: absent if it is nil or has neither text nor elements.
  static Value Member(pugi::xml_node node);

  // No such member, JSON null, an XML element that is nil="true", or an empty one that is not an item of a list.
  [[nodiscard]] bool absent() const { return std::holds_alternative<std::monostate>(at_); }
  [[nodiscard]] bool is_xml() const { return xml() != nullptr; }
  // The element, or null for JSON and absent values.
  [[nodiscard]] const pugi::xml_node* xml() const { return std::get_if<pugi::xml_node>(&at_); }

  // A JSON object, or an XML element without text of its own.
  [[nodiscard]] bool IsObject() const;
  // A JSON array, or an XML element without text of its own; its items are the elements below it.
  [[nodiscard]] bool IsList() const;
  // A JSON string, or the text of an XML element without elements below it.
  [[nodiscard]] std::optional<std::string_view> Text() const;
  // A whole number, as a number without fraction or exponent or as text (F5); beyond 64 bits as ParseInteger says.
  [[nodiscard]] std::optional<int64_t> Integer() const;
  // A boolean, or one of the texts true, false, 1, 0 (F18).
  [[nodiscard]] std::optional<bool> Boolean() const;

  // Finds members in one pass: `found[i]` is the member called `names[i]`, or absent. JSON names match without regard
  // to ASCII case; the exact spelling wins, else the first (F19); of one exact spelling twice the last. XML names match
  // by local name, the first wins. At most kMaxMembers names; finds nothing if this is no object.
  void FindMembers(std::span<const MemberName> names, std::span<Value> found) const;
  static constexpr size_t kMaxMembers = 16;

  // The items of a list, in order. A null item is an absent Value.
  [[nodiscard]] std::vector<Value> Items() const;

 private:
  std::variant<std::monostate, simdjson::dom::element, pugi::xml_node> at_;
};

// "Verdi" of "c:Verdi".
[[nodiscard]] std::string_view LocalName(pugi::xml_node node);

}  // namespace flosync
