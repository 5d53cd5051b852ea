// Everything that HTTP answers: /api/v1 with its OpenAPI document, /metrics, /healthz, /readyz.
//
// The pages about health are for everybody; so is the OpenAPI document, which says what this repository says. Metrics
// are for everybody on loopback, and elsewhere for who may ask for the status of the synchronisation. On a daemon that
// asks nobody who they are, only the names of this machine are answered to, or any web page could have its visitors'
// browsers read the register. Thread-safe.
#pragma once

#include <cstdint>
#include <string>

#include "daemon/http/message.h"
#include "daemon/http/target.h"
#include "daemon/rest/api.h"
#include "daemon/services/server.h"

namespace flosync {

struct SiteOptions {
  bool own_names_only = false;   // nobody is asked who they are
  bool open_metrics = false;     // listens on loopback
  int32_t max_header_bytes = 0;  // of the server, for its refusals
};

class Site final : public HttpHandler {
 public:
  // `server` must outlive the site, and whoever asks the site must be gone before it.
  Site(const SiteOptions& options, GrpcServer* server);

  void Handle(HttpRequest request, Done done) override;
  HttpAnswer Refuse(HttpRefusal why) override;

 private:
  void HandleTarget(const HttpRequest& request, const Target& target, std::string& route, Done done);
  void AnswerMetrics(const HttpRequest& request, const Done& done);
  [[nodiscard]] HttpAnswer Readiness() const;

  const SiteOptions options_;
  GrpcServer* const server_;
  const std::string open_api_;
  Api api_;
};

}  // namespace flosync
