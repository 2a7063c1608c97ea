#include "core/metrics.hpp"

#include <algorithm>

namespace remit::core {
namespace {

enum Kind : int { kCounter = 1, kGauge, kHistogram };

const char *kind_name(int kind) {
    switch (kind) {
    case kCounter: return "counter";
    case kGauge: return "gauge";
    default: return "histogram";
    }
}

// Exact: 1500 is "0.0015".
std::string seconds(std::int64_t us) {
    std::string out = us < 0 ? "-" : "";
    const std::uint64_t magnitude = us < 0 ? 0 - static_cast<std::uint64_t>(us) : static_cast<std::uint64_t>(us);
    out += std::to_string(magnitude / 1'000'000);
    std::string fraction = std::to_string(1'000'000 + magnitude % 1'000'000);
    fraction[0] = '.';
    fraction.erase(fraction.find_last_not_of('0') + 1);
    if (fraction.size() > 1) out += fraction;
    return out;
}

std::string one_line(std::string_view help) {
    std::string out;
    for (const char c : help) {
        if (c == '\\')
            out += "\\\\";
        else if (c == '\n')
            out += "\\n";
        else
            out += c;
    }
    return out;
}

void sample(std::string &out, std::string_view name, std::string_view suffix, std::string_view labels,
            std::string_view value) {
    out.append(name).append(suffix);
    if (!labels.empty()) out.append("{").append(labels).append("}");
    out.append(" ").append(value).append("\n");
}

}  // namespace

void Histogram::observe(std::int64_t us) noexcept {
    const auto bound = std::lower_bound(kBoundsUs.begin(), kBoundsUs.end(), us);
    buckets_[static_cast<std::size_t>(bound - kBoundsUs.begin())].fetch_add(1, std::memory_order_relaxed);
    sum_us_.fetch_add(us, std::memory_order_relaxed);
}

// A name stands for one kind. Asked for as another, it is counted under a name of its own, because a
// registry that could refuse would burden every caller.
Metrics::Family &Metrics::family(std::string_view name, std::string_view help, int kind) {
    auto it = families_.find(name);
    if (it != families_.end() && it->second.kind != kind)
        return family(std::string(name) + "_" + kind_name(kind), help, kind);
    if (it == families_.end()) it = families_.emplace(std::string(name), Family{std::string(help), kind, {}}).first;
    return it->second;
}

template <class Handle>
Handle &Metrics::handle(Family &family, std::string_view labels, std::deque<Handle> &handles) {
    auto it = family.members.find(labels);
    if (it == family.members.end()) it = family.members.emplace(std::string(labels), &handles.emplace_back()).first;
    return *static_cast<Handle *>(it->second);
}

Counter &Metrics::counter(std::string_view name, std::string_view help, std::string_view labels) {
    const std::lock_guard lock(mutex_);
    return handle(family(name, help, kCounter), labels, counters_);
}

Gauge &Metrics::gauge(std::string_view name, std::string_view help, std::string_view labels) {
    const std::lock_guard lock(mutex_);
    return handle(family(name, help, kGauge), labels, gauges_);
}

Histogram &Metrics::histogram(std::string_view name, std::string_view help, std::string_view labels) {
    const std::lock_guard lock(mutex_);
    return handle(family(name, help, kHistogram), labels, histograms_);
}

void Histogram::write(std::string &out, std::string_view name, std::string_view labels) const {
    const std::string lead = labels.empty() ? std::string() : std::string(labels) + ",";
    std::int64_t count = 0;
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
        count += buckets_[i].load(std::memory_order_relaxed);
        const std::string bound = i < kBoundsUs.size() ? seconds(kBoundsUs[i]) : "+Inf";
        sample(out, name, "_bucket", lead + "le=\"" + bound + "\"", std::to_string(count));
    }
    sample(out, name, "_sum", labels, seconds(sum_us_.load(std::memory_order_relaxed)));
    sample(out, name, "_count", labels, std::to_string(count));
}

std::string Metrics::text() const {
    const std::lock_guard lock(mutex_);
    std::string out;
    for (const auto &[name, family] : families_) {
        out.append("# HELP ").append(name).append(" ").append(one_line(family.help)).append("\n");
        out.append("# TYPE ").append(name).append(" ").append(kind_name(family.kind)).append("\n");
        for (const auto &[labels, member] : family.members) {
            if (family.kind == kCounter)
                sample(out, name, {}, labels, std::to_string(static_cast<const Counter *>(member)->value()));
            else if (family.kind == kGauge)
                sample(out, name, {}, labels, std::to_string(static_cast<const Gauge *>(member)->value()));
            else
                static_cast<const Histogram *>(member)->write(out, name, labels);
        }
    }
    return out;
}

}  // namespace remit::core
