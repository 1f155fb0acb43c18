#include <algorithm>
#include <cmath>

#include "core/base/row_label.hpp"
#include "core/report/figures.hpp"
#include "core/report/words.hpp"

namespace fairdb {
namespace {

// So many rows of a section are drawn, and of all: the lowest and the highest of more.
constexpr std::size_t kMostOfAttribute = 20;
constexpr std::size_t kMostOfIntersection = 12;
constexpr std::size_t kByName = 8;        // fewer keep the order of their names
constexpr std::size_t kMostListed = 400;  // in the table

struct Section {
  const AttributeGroups* set;
  ShownRates rates;
  std::vector<Look> looks;
  std::vector<std::size_t> order;  // of the rows that are drawn
  double gap;
};

// The text of a field of a label that is a row.
std::string field_of(const std::string& label, std::size_t place) {
  const std::vector<std::string_view> fields = fields_of(label);
  return place < fields.size() ? unquoted(fields[place]) : label;
}

// By rate, and of too many the ends.
std::vector<std::size_t> drawn_of(const ShownRates& rates, std::size_t most) {
  std::vector<std::size_t> order(rates.groups.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  if (order.size() <= kByName) return order;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return rates.groups[a].value < rates.groups[b].value;
  });
  if (order.size() > most) {
    const auto half = static_cast<std::ptrdiff_t>(most / 2);
    order.erase(order.begin() + half, order.end() - half);
  }
  return order;
}

std::optional<std::size_t> place_of(const ShownRates& rates, const std::string& label) {
  for (std::size_t i = 0; i < rates.groups.size(); ++i) {
    if (rates.groups[i].label == label) return i;
  }
  return std::nullopt;
}

// An axis over all intervals, within 0 to 1.
Range axis_range(const std::vector<Section>& sections) {
  Range range = {1, 0};
  for (const Section& section : sections) {
    for (const std::size_t i : section.order) {
      range.from = std::min(range.from, section.rates.groups[i].interval.from);
      range.to = std::max(range.to, section.rates.groups[i].interval.to);
    }
    if (section.rates.overall) {
      range.from = std::min(range.from, *section.rates.overall);
      range.to = std::max(range.to, *section.rates.overall);
    }
  }
  range = rounded_range(range, 5);
  return {std::max(0.0, range.from), std::min(1.0, range.to)};
}

// What the groups of an intersection look like: those of the attribute that the page is about.
Look look_in(const Section& about, const AttributeGroups& set, const ShownRate& group) {
  for (const std::int32_t field : about.set->fields) {
    const auto place = std::find(set.fields.begin(), set.fields.end(), field) - set.fields.begin();
    const std::string part = field_of(group.label, static_cast<std::size_t>(place));
    for (std::size_t i = 0; i < about.rates.groups.size(); ++i) {
      if (about.rates.groups[i].label == part) return about.looks[i];
    }
  }
  return {Look::kText};
}

// The section that has colours: of single attributes the one whose groups are farthest apart.
std::size_t section_about(const std::vector<Section>& sections) {
  std::size_t about = 0;
  for (std::size_t s = 1; s < sections.size(); ++s) {
    if (sections[s].set->attributes.names.size() > 1) break;
    if (sections[s].gap > sections[about].gap) about = s;
  }
  return about;
}

void add_to_table(Table& table, const Section& section, int decimals) {
  // Those that are drawn are in it in any case, and first.
  std::vector<std::size_t> rows = section.order;
  for (std::size_t i = 0; i < section.rates.groups.size(); ++i) {
    if (std::find(section.order.begin(), section.order.end(), i) == section.order.end()) {
      rows.push_back(i);
    }
  }
  for (std::size_t n = 0; n < rows.size(); ++n) {
    const ShownRate& group = section.rates.groups[rows[n]];
    if (n >= section.order.size() && table.rows.size() >= kMostListed) {
      table.note = "The table ends here: by_group and audit list all groups.";
      return;
    }
    const auto cell = [&](double value) { return cell_text(value, Unit::Share, decimals); };
    std::vector<std::string> row = {section.set->by(),         group.name,
                                    count_text(group.rows),    cell(group.value),
                                    cell(group.interval.from), cell(group.interval.to)};
    table.rows.push_back(std::move(row));
  }
}

}  // namespace

std::optional<Figure> rates_figure(const std::vector<AttributeGroups>& sets,
                                   Rate rate,
                                   const std::vector<Finding>& findings,
                                   const Wording& wording) {
  std::vector<Section> sections;
  std::vector<words::SetFinding> set_findings;
  std::int64_t hidden = 0;
  std::size_t left_out = 0;
  for (std::size_t s = 0; s < sets.size(); ++s) {
    Section section{
        &sets[s], shown_rates(sets[s], rate, wording), {}, {}, findings[s].value.value_or(-1)};
    hidden += section.rates.hidden;
    set_findings.push_back({sets[s].by(), sets[s].attributes.names.size(), findings[s]});
    if (section.rates.groups.empty()) continue;
    section.looks =
        looks_of(section.rates.groups.size(), place_of(section.rates, findings[s].low_label),
                 place_of(section.rates, findings[s].high_label));
    section.order =
        drawn_of(section.rates,
                 sets[s].attributes.names.size() < 2 ? kMostOfAttribute : kMostOfIntersection);
    left_out += section.rates.groups.size() - section.order.size();
    sections.push_back(std::move(section));
  }
  if (sections.empty()) return std::nullopt;
  Dots dots;
  dots.x = {words::rates_axis(rate, wording), Unit::Share, axis_range(sections), {}};
  const ShownRates& first = sections.front().rates;
  if (first.groups.size() > 1 && first.overall) {
    dots.overall = first.overall;
    dots.overall_label = "all " + share_text(*first.overall);
  }
  const int decimals = dots.x.decimals();
  Table table;
  table.head = {"by", "group", "rows", words::rate_name(rate), level_text(wording.level) + " from",
                "to"};
  const std::size_t about = section_about(sections);
  for (std::size_t s = 0; s < sections.size(); ++s) {
    const Section& section = sections[s];
    for (const std::size_t i : section.order) {
      const ShownRate& group = section.rates.groups[i];
      const bool intersection = section.set->attributes.names.size() > 1 && sections.size() > 1;
      const Look look = s == about     ? section.looks[i]
                        : intersection ? look_in(sections[about], *section.set, group)
                                       : Look{Look::kText};
      dots.rows.push_back({isolated(group.name), look, group.value, group.interval,
                           "n = " + count_text(group.rows), static_cast<std::int32_t>(s),
                           section.set->attributes.names.size() < 2});
    }
    add_to_table(table, section, decimals);
  }
  if (dots.overall) {
    table.rows.push_back({"all", "all groups shown", count_text(first.rows),
                          cell_text(*dots.overall, Unit::Share, decimals), "", ""});
  }
  return Figure{FigureKind::Rates,
                words::rates_title(rate, wording),
                words::rates_caption(rate, set_findings, wording),
                words::rates_note(wording, hidden, left_out),
                std::move(dots),
                std::move(table),
                true};
}

}  // namespace fairdb
