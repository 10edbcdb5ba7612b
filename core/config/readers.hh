// The readers of the single tables of the configuration; config.cc puts them together.
#pragma once

#include "core/config/section.hh"
#include "core/model/settings.hh"

namespace kwit::config {

void read_milter(Section section, MilterSettings& milter);
void read_archive(Section section, ArchiveSettings& archive);
void read_outbox(Section section, OutboxSettings& outbox);
void read_inspector(Section section, InspectorSettings& inspector);
void read_texts(Section section, TextsSettings& texts);
void read_log(Section section, LogSettings& log);
void read_trust(Section section, TrustSettings& trust);
void read_limits(Section section, LimitSettings& limits);

/// The [[domain]] tables; at least one.
void read_domains(Section& top, std::vector<DomainSettings>& domains);

/// The [policy.NAME] tables over the policies that exist without being written.
void read_policies(Section& top, std::map<std::string, Policy>& policies);

} // namespace kwit::config
