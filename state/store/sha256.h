// SHA-256 by OpenSSL, as lower-case hex (A16). Pure; any thread.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace flosync {

// Of texts fed one after the other.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  void Add(std::string_view bytes);
  // Call once.
  [[nodiscard]] std::string Hex();

 private:
  evp_md_ctx_st* context_;
};

// Of the texts, each with its length before it.
[[nodiscard]] std::string Sha256Hex(std::initializer_list<std::string_view> texts);

}  // namespace flosync
