#include "daemon/rest/openapi.h"

#include <algorithm>
#include <deque>
#include <set>
#include <stdexcept>
#include <string_view>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <nlohmann/json.hpp>

#include "daemon/rest/request_fields.h"
#include "daemon/rest/routes.h"
#include "domain/text.h"

namespace flosync {

extern "C" {
extern const char flosync_api_descriptors_begin[], flosync_api_descriptors_end[];
}

namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;
using Json = nlohmann::ordered_json;

// The comment above something, as one text.
template <typename Described>
std::string CommentOf(const Described& described) {
  google::protobuf::SourceLocation location;
  if (!described.GetSourceLocation(&location)) return {};
  std::string text;
  for (const std::string_view line : Split(location.leading_comments, '\n')) {
    const std::string_view words = line.substr(std::min(line.find_first_not_of(' '), line.size()));
    if (!words.empty()) text += Join(text.empty() ? "" : " ", words);
  }
  return text;
}

// One value with commas in it.
bool IsMask(const FieldDescriptor& field) {
  return field.message_type() != nullptr && field.message_type()->full_name() == "google.protobuf.FieldMask";
}

std::string NameOf(const std::string& full_name) { return full_name.substr(full_name.rfind('.') + 1); }

Json Reference(const std::string& full_name) { return {{"$ref", "#/components/schemas/" + NameOf(full_name)}}; }

Json Answer(const std::string& description, const char* type, Json schema) {
  return {{"description", description}, {"content", {{type, {{"schema", std::move(schema)}}}}}};
}

class Document {
 public:
  explicit Document(const DescriptorPool& pool) : pool_(pool) {}

  Json Make() {
    Json paths = Json::object();
    for (const Route& route : Routes()) paths[std::string(route.path)]["get"] = Operation(route);
    Json schemas = Json::object();
    schemas["Status"] = StatusSchema();
    // Describing one type may bring up others.
    for (; !types_.empty(); types_.pop_front()) schemas[types_.front()->name()] = MessageSchema(*types_.front());
    for (const EnumDescriptor* type : enums_) schemas[type->name()] = EnumSchema(*type);
    return {
        {"openapi", "3.0.3"},
        {"info",
         {{"title", "flosync"},
          {"version", FLOSYNC_VERSION},
          {"description",
           "What flosync knows, for reading: the methods of its gRPC API flosync.v1 that read, with their messages as "
           "protobuf's JSON. Dates are yyyy-MM-dd in Europe/Oslo, instants RFC 3339."},
          {"license", {{"name", "Apache-2.0"}}}}},
        {"security", Json::array({Json::object(), {{"bearer", Json::array()}}})},
        {"paths", std::move(paths)},
        {"components",
         {{"schemas", std::move(schemas)},
          {"securitySchemes",
           {{"bearer",
             {{"type", "http"},
              {"scheme", "bearer"},
              {"bearerFormat", "JWT"},
              {"description", "A client certificate may stand for it; an open daemon asks for neither."}}}}}}}};
  }

 private:
  Json Operation(const Route& route) {
    std::string name(route.method);
    std::ranges::replace(name, '/', '.');
    const MethodDescriptor* method = pool_.FindMethodByName(name);
    const std::string comment = CommentOf(*method);
    Json operation = {{"operationId", method->name()},
                      {"tags", Json::array({method->service()->name()})},
                      {"summary", comment.substr(0, std::min(comment.find(". "), comment.size()))},
                      {"description", comment},
                      {"parameters", Parameters(route, *method->input_type())}};
    Json answered = Answer("The answer.", "application/json", Refer(*method->output_type()));
    if (route.csv) answered["content"]["text/csv"] = {{"schema", {{"type", "string"}}}};
    operation["responses"] = {{"200", std::move(answered)}};
    if (route.path.starts_with("/api/v1/snapshots/{reference_date}")) {
      operation["responses"]["304"] = {{"description", "What If-None-Match names is still right."}};
    }
    operation["responses"]["default"] = Answer("A refusal, with google.rpc details.", "application/json",
                                               Json{{"$ref", "#/components/schemas/Status"}});
    return operation;
  }

  Json Parameters(const Route& route, const Descriptor& request) {
    Json parameters = Json::array();
    for (const RequestField& field : FieldsOf(request)) {
      const bool in_path = route.path.find(Join("{", field.name, "}")) != std::string_view::npos;
      Json parameter = {{"name", field.name}, {"in", in_path ? "path" : "query"}};
      if (in_path) parameter["required"] = true;
      parameter["description"] = CommentOf(*field.field);
      if (IsMask(*field.field)) {
        parameter["explode"] = false;
        parameter["schema"] = {{"type", "array"}, {"items", {{"type", "string"}}}};
      } else {
        parameter["schema"] = field.field->is_repeated() ? Json{{"type", "array"}, {"items", ValueSchema(*field.field)}}
                                                         : ValueSchema(*field.field);
      }
      parameters.push_back(std::move(parameter));
    }
    for (const char* name : {"Flosync-Purpose", "X-Correlation-Id"}) {
      parameters.push_back({{"name", name},
                            {"in", "header"},
                            {"description", "For the access log of readings about doctors; see docs/security.md."},
                            {"schema", {{"type", "string"}}}});
    }
    return parameters;
  }

  Json Refer(const Descriptor& type) {
    if (named_.insert(type.full_name()).second) types_.push_back(&type);
    return Reference(type.full_name());
  }

  // Of one value, whether or not there may be several.
  Json ValueSchema(const FieldDescriptor& field) {
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_BOOL:
        return {{"type", "boolean"}};
      case FieldDescriptor::CPPTYPE_INT32:
        return {{"type", "integer"}, {"format", "int32"}};
      case FieldDescriptor::CPPTYPE_INT64:
        return {{"type", "string"}, {"format", "int64"}};
      case FieldDescriptor::CPPTYPE_STRING:
        return {{"type", "string"}};
      case FieldDescriptor::CPPTYPE_ENUM:
        if (named_.insert(field.enum_type()->full_name()).second) enums_.push_back(field.enum_type());
        return Reference(field.enum_type()->full_name());
      case FieldDescriptor::CPPTYPE_MESSAGE:
        if (field.message_type()->full_name() == "google.protobuf.Timestamp") {
          return {{"type", "string"}, {"format", "date-time"}};
        }
        return Refer(*field.message_type());
      default:
        throw std::logic_error(Join("no schema for ", field.full_name(), "; add its type to openapi.cc"));
    }
  }

  Json MessageSchema(const Descriptor& type) {
    Json properties = Json::object();
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor& field = *type.field(i);
      Json schema = ValueSchema(field);
      if (field.is_repeated()) schema = {{"type", "array"}, {"items", std::move(schema)}};
      const std::string comment = CommentOf(field);
      // Beside a reference nothing else may stand.
      if (!comment.empty() && schema.contains("$ref")) schema = {{"allOf", Json::array({std::move(schema)})}};
      if (!comment.empty()) schema["description"] = comment;
      properties[field.json_name()] = std::move(schema);
    }
    return Described(CommentOf(type), {{"type", "object"}, {"properties", std::move(properties)}});
  }

  static Json EnumSchema(const EnumDescriptor& type) {
    Json names = Json::array();
    std::string comment = CommentOf(type);
    for (int i = 0; i < type.value_count(); ++i) {
      names.push_back(type.value(i)->name());
      const std::string of_value = CommentOf(*type.value(i));
      if (!of_value.empty()) comment += Join(comment.empty() ? "" : " ", type.value(i)->name(), ": ", of_value);
    }
    return Described(comment, {{"type", "string"}, {"enum", std::move(names)}});
  }

  static Json StatusSchema() {
    return {{"type", "object"},
            {"description",
             "A google.rpc.Status. Its details are google.rpc.ErrorInfo with a reason in capitals, "
             "google.rpc.BadRequest and google.rpc.RetryInfo; docs/operations.md lists the reasons."},
            {"properties",
             {{"code", {{"type", "integer"}, {"description", "google.rpc.Code"}}},
              {"message", {{"type", "string"}}},
              {"details",
               {{"type", "array"},
                {"items",
                 {{"type", "object"},
                  {"properties", {{"@type", {{"type", "string"}}}}},
                  {"additionalProperties", true}}}}}}}};
  }

  static Json Described(const std::string& comment, Json schema) {
    if (!comment.empty()) schema["description"] = comment;
    return schema;
  }

  const DescriptorPool& pool_;
  std::set<std::string> named_;
  std::deque<const Descriptor*> types_;  // still to be described
  std::deque<const EnumDescriptor*> enums_;
};

}  // namespace

std::string OpenApiDocument() {
  google::protobuf::FileDescriptorSet files;
  files.ParseFromArray(flosync_api_descriptors_begin,
                       static_cast<int>(flosync_api_descriptors_end - flosync_api_descriptors_begin));
  DescriptorPool pool;
  for (const auto& file : files.file()) pool.BuildFile(file);
  return Document(pool).Make().dump(2) + "\n";
}

}  // namespace flosync
