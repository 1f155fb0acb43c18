#include "core/audit/disclosure.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <memory>
#include <string>

#include "core/base/error.hpp"
#include "core/base/suppression.hpp"
#include "core/optimize/polyhedron.hpp"

namespace fairdb {
namespace {

constexpr PublishedCount kByGroup[] = {
    {kAllCells, Panel::People},
    {kUnknownWeight, Panel::UnknownWeight},
    {cells_with_label(Truth::Positive), Panel::Labels},
    {cells_with_label(Truth::Negative), Panel::Labels},
    {cells_with_label(Truth::Unknown), Panel::Labels},
    {kKnownLabel, Panel::Labels},
    {cells_with_prediction(Truth::Positive), Panel::Predictions},
    {cells_with_prediction(Truth::Negative), Panel::Predictions},
    {cells_with_prediction(Truth::Unknown), Panel::Predictions},
    {kKnownPrediction, Panel::Predictions},
    {kTp, Panel::Cells},
    {kFp, Panel::Cells},
    {kFn, Panel::Cells},
    {kTn, Panel::Cells},
    {cells_of(Truth::Positive, Truth::Unknown), Panel::Cells},
    {cells_of(Truth::Negative, Truth::Unknown), Panel::Cells},
    {cells_of(Truth::Unknown, Truth::Positive), Panel::Cells},
    {cells_of(Truth::Unknown, Truth::Negative), Panel::Cells},
    {cells_of(Truth::Unknown, Truth::Unknown), Panel::Cells},
    {kTp | kFn, Panel::Cells},
    {kFp | kTn, Panel::Cells},
    {kTp | kFp, Panel::Cells},
    {kTn | kFn, Panel::Cells},
    {kTp | kTn, Panel::Cells},
    {kFp | kFn, Panel::Cells},
    {kTp | kFp | kFn | kTn, Panel::Cells},
};

constexpr PublishedCount kSelection[] = {
    {kKnownPrediction, Panel::People},
    {cells_with_prediction(Truth::Positive), Panel::Predictions},
    {cells_with_prediction(Truth::Negative), Panel::Predictions},
    {cells_with_prediction(Truth::Unknown), Panel::Predictions},
};

constexpr std::size_t kMaxPublishedRows = 1000;
constexpr std::size_t kWitnesses = 200;
// Arithmetic operations, some ten seconds: of as many attributes as that nobody could read the
// result.
constexpr double kMostWork = 2e10;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// A count that a row shows, or does not.
struct Fact {
  std::size_t row;
  CellSet cells;
  std::int64_t value;
  Panel panel;
  bool shown = true;
  // What the adversary has found possible, if it is not shown.
  double low = 0;
  double high = 0;
};

class Publication {
 public:
  Publication(std::span<const PartCounts> parts,
              std::span<const std::vector<std::int32_t>> rows,
              std::span<const PublishedCount> shown,
              std::int64_t k,
              std::size_t bytes)
      : parts_(parts), rows_(rows), k_(k), bytes_(bytes), used_(used_cells(parts)) {
    facts_of_row_.resize(rows.size());
    for (std::size_t r = 0; r < rows.size(); ++r) {
      for (const PublishedCount& count : shown) add_fact(r, count);
    }
    for (std::size_t f = 0; f < facts_.size(); ++f) {
      if (too_few(facts_[f].value, k)) hide(facts_[f].row, facts_[f].panel);
    }
  }

  void protect(Monitor& monitor) {
    while (true) {
      const std::vector<std::size_t> more = Adversary(*this, monitor).attack(monitor);
      if (more.empty()) return;
      for (const std::size_t f : more) {
        if (f == kTotal) {
          total_known_ = false;
        } else {
          hide(facts_[f].row, facts_[f].panel);
        }
      }
    }
  }

  std::vector<Withheld> result() const {
    std::vector<Withheld> list;
    for (std::size_t r = 0; r < rows_.size(); ++r) {
      bool row = false;
      std::vector<CellSet> counts;
      for (const std::size_t f : facts_of_row_[r]) {
        if (facts_[f].shown) continue;
        row = row || facts_[f].panel == Panel::People;
        counts.push_back(facts_[f].cells);
      }
      list.emplace_back(row, used_, std::move(counts));
    }
    return list;
  }

 private:
  static constexpr std::size_t kTotal = std::numeric_limits<std::size_t>::max();

  // The cells that occur, each with its opposites: that nobody at all was selected is a fact to be
  // guarded, that no label is unknown is none.
  static CellSet used_cells(std::span<const PartCounts> parts) {
    constexpr CellSet kTogether[] = {
        kTp | kFp | kFn | kTn,
        cells_of(Truth::Unknown, Truth::Positive) | cells_of(Truth::Unknown, Truth::Negative),
        cells_of(Truth::Positive, Truth::Unknown) | cells_of(Truth::Negative, Truth::Unknown),
        cells_of(Truth::Unknown, Truth::Unknown),
        kUnknownWeight,
    };
    CellSet used = 0;
    for (const PartCounts& part : parts) {
      for (std::size_t c = 0; c < kPublishedCells; ++c) {
        if (part[c] > 0) used = static_cast<CellSet>(used | 1U << c);
      }
    }
    CellSet result = 0;
    for (const CellSet together : kTogether) {
      if ((used & together) != 0) result = static_cast<CellSet>(result | together);
    }
    return result;
  }

  // The cells of a row's parts, by their numbers among those of all parts.
  template <class Visit>
  void each_cell(std::size_t row, CellSet cells, Visit visit) const {
    for (const std::int32_t part : rows_[row]) {
      for (std::size_t c = 0; c < kPublishedCells; ++c) {
        if ((cells >> c & 1U) != 0) visit(static_cast<std::size_t>(part) * kPublishedCells + c);
      }
    }
  }
  std::int64_t count(std::size_t cell) const noexcept {
    return parts_[cell / kPublishedCells][cell % kPublishedCells];
  }
  std::int64_t sum(std::size_t row, CellSet cells) const {
    std::int64_t value = 0;
    each_cell(row, cells, [&](std::size_t at) { value += count(at); });
    return value;
  }

  // Cells that do not occur tell nothing: sets that differ by them only are one count.
  void add_fact(std::size_t row, const PublishedCount& count) {
    const auto cells = static_cast<CellSet>(count.cells & used_);
    if (cells == 0) return;
    for (const std::size_t f : facts_of_row_[row]) {
      if (facts_[f].cells == cells) return;
    }
    facts_of_row_[row].push_back(facts_.size());
    const std::int64_t value = sum(row, cells);
    const auto number = static_cast<double>(value);
    facts_.push_back({row, cells, value, count.panel, true, number, number});
  }

  // A panel of a row, and what tells it: of people everything, of labels or predictions the cells.
  void hide(std::size_t row, Panel panel) {
    for (const std::size_t f : facts_of_row_[row]) {
      const Panel other = facts_[f].panel;
      const bool tells =
          (panel == Panel::Labels || panel == Panel::Predictions) && other == Panel::Cells;
      if (panel == Panel::People || other == panel || tells) facts_[f].shown = false;
    }
  }

  void spend(double work) {
    work_ += work;
    if (work_ <= kMostWork) return;
    throw Error(
        ErrorKind::TooLarge,
        "what to withhold from " + std::to_string(rows_.size()) + " rows of " +
            std::to_string(parts_.size()) + " combinations takes too long to find",
        "Use fewer attributes or coarser groups; audits of one attribute at a time tell less "
        "of each other's groups.");
  }

  void remember(std::vector<double> table) {
    if (witnesses_.size() < kWitnesses) {
      witnesses_.push_back(std::move(table));
    } else {
      witnesses_[next_witness_++ % kWitnesses] = std::move(table);
    }
  }

  // The row's number of people is its first fact.
  const Fact& people_of(const Fact& f) const { return facts_[facts_of_row_[f.row].front()]; }

  bool open_enough(const Fact& f) const {
    constexpr double kRounding = 1e-6;
    return std::floor(f.high + kRounding) - std::ceil(f.low - kRounding) >= static_cast<double>(k_);
  }

  // Who knows what is shown, and nothing else.
  class Adversary {
   public:
    Adversary(Publication& publication, Monitor& monitor) : p_(publication) {
      number_variables();
      monitor.poll();
      find_equations(monitor);
      build(monitor);
    }

    // The facts to withhold next, one for each that is not open enough; kTotal for the total.
    std::vector<std::size_t> attack(Monitor& monitor) {
      std::vector<std::size_t> more;
      for (std::size_t f = 0; f < p_.facts_.size(); ++f) {
        monitor.poll();
        Fact& fact = p_.facts_[f];
        if (fact.shown || p_.open_enough(fact)) continue;
        const Vector c = objective(fact);
        std::vector<bool> rests_on(equations_.size(), false);
        const double fixed = known_part(fact);
        search(c, fixed, fact, 1, rests_on, monitor);
        if (!p_.open_enough(fact)) search(c, fixed, fact, -1, rests_on, monitor);
        if (p_.open_enough(fact)) continue;
        // One that is withheld anyhow may do for this range, too: the next attack tells.
        if (touched(rests_on, more)) continue;
        const std::size_t one = cheapest(fact, rests_on);
        if (one != kNone) more.push_back(one);
      }
      return more;
    }

   private:
    static constexpr std::size_t kNone = kTotal - 1;

    // A count that is shown, of variables that are not known one by one.
    struct Equation {
      std::size_t fact;  // kTotal for the total; kNone for a row that has somebody in it
      std::vector<Index> variables;
      std::vector<std::size_t> reasons;  // the facts that tell its other variables
    };

    // Variables: cells of parts that no shown count tells by itself.
    void number_variables() {
      const std::size_t all = p_.parts_.size() * kPublishedCells;
      told_by_.assign(all, kNone);
      for (std::size_t f = 0; f < p_.facts_.size(); ++f) {
        const Fact& fact = p_.facts_[f];
        const bool single = std::has_single_bit(fact.cells) && p_.rows_[fact.row].size() == 1;
        if (!fact.shown || !single) continue;
        p_.each_cell(fact.row, fact.cells, [&](std::size_t at) { told_by_[at] = f; });
      }
      variable_.assign(all, -1);
      for (std::size_t at = 0; at < all; ++at) {
        if ((p_.used_ >> at % kPublishedCells & 1U) == 0 || told_by_[at] != kNone) continue;
        variable_[at] = variables_++;
        inside_.push_back(static_cast<double>(p_.count(at)));
      }
    }

    void add_cell(Equation& equation, std::size_t at) const {
      if (variable_[at] >= 0) {
        equation.variables.push_back(variable_[at]);
      } else if (told_by_[at] != kNone) {
        equation.reasons.push_back(told_by_[at]);
      }
    }

    // Shown counts, without those that are sums of others of their row.
    void find_equations(Monitor& monitor) {
      for (std::size_t r = 0; r < p_.rows_.size(); ++r) {
        monitor.poll();
        CellSet single = 0;
        bool listed = true;
        for (const std::size_t f : p_.facts_of_row_[r]) {
          const Fact& fact = p_.facts_[f];
          if (!fact.shown) continue;
          if (std::has_single_bit(fact.cells)) single = static_cast<CellSet>(single | fact.cells);
          if (fact.panel == Panel::People) listed = false;
        }
        for (const std::size_t f : p_.facts_of_row_[r]) {
          const Fact& fact = p_.facts_[f];
          const bool is_single = std::has_single_bit(fact.cells);
          if (!fact.shown || (!is_single && (fact.cells & ~single) == 0)) continue;
          Equation equation{f, {}, {}};
          p_.each_cell(r, fact.cells, [&](std::size_t at) { add_cell(equation, at); });
          if (!equation.variables.empty()) equations_.push_back(std::move(equation));
        }
        if (!listed) continue;
        Equation somebody{kNone, {}, {}};
        p_.each_cell(r, p_.used_, [&](std::size_t at) { add_cell(somebody, at); });
        if (somebody.variables.empty() || p_.sum(r, p_.used_) == 0) continue;
        somebody.variables.push_back(variables_++);  // how many more than one
        inside_.push_back(static_cast<double>(p_.sum(r, p_.used_) - 1));
        equations_.push_back(std::move(somebody));
      }
      if (!p_.total_known_) return;
      Equation total{kTotal, {}, {}};
      for (std::size_t at = 0; at < variable_.size(); ++at) add_cell(total, at);
      if (!total.variables.empty()) equations_.push_back(std::move(total));
    }

    void build(Monitor& monitor) {
      const auto m = static_cast<Index>(equations_.size());
      // The equations, their tableau and a copy of it, and the tables that are remembered.
      const auto bytes =
          static_cast<std::size_t>(m * variables_ + 2 * m * (variables_ + m) +
                                   static_cast<Index>(kWitnesses * variable_.size())) *
          sizeof(double);
      if (bytes > p_.bytes_) {
        throw Error(ErrorKind::TooLarge,
                    "hiding small groups among " + std::to_string(p_.rows_.size()) +
                        " rows needs " + std::to_string(bytes >> 20) + " MB, the limit is " +
                        std::to_string(p_.bytes_ >> 20) + " MB",
                    "Use fewer attributes, coarser groups, or a larger maintenance_work_mem.");
      }
      RowMatrix a = RowMatrix::Zero(m, variables_);
      for (Index i = 0; i < m; ++i) {
        const Equation& equation = equations_[static_cast<std::size_t>(i)];
        for (const Index j : equation.variables) a(i, j) = 1;
        if (equation.fact == kNone) a(i, equation.variables.back()) = -1;
      }
      const Vector inside = Eigen::Map<const Vector>(inside_.data(), variables_);
      polyhedron_ = std::make_unique<Polyhedron>(a, inside, monitor);
      p_.spend(polyhedron_->work());
      recall(monitor);
      witness();
    }

    Vector objective(const Fact& fact) const {
      Vector c = Vector::Zero(variables_);
      p_.each_cell(fact.row, fact.cells, [&](std::size_t at) {
        if (variable_[at] >= 0) c(variable_[at]) += 1;
      });
      return c;
    }
    double known_part(const Fact& fact) const {
      double sum = 0;
      p_.each_cell(fact.row, fact.cells, [&](std::size_t at) {
        if (told_by_[at] != kNone) {
          sum += static_cast<double>(p_.count(at));
        }
      });
      return sum;
    }

    // The largest (sign 1) or smallest value of a fact, as far as it matters; marks what it rests
    // on.
    void search(const Vector& c,
                double fixed,
                Fact& fact,
                double sign,
                std::vector<bool>& rests_on,
                Monitor& monitor) {
      const auto k = static_cast<double>(p_.k_);
      const double enough = sign > 0 ? fact.low + k - fixed : -(fact.high - k - fixed);
      const double before = polyhedron_->work();
      const double found = polyhedron_->maximize(sign * c, enough, monitor);
      p_.spend(polyhedron_->work() - before);
      witness();
      if (found == kInfinity) {
        fact.high = kInfinity;
        return;
      }
      if (found >= enough) return;
      const Vector y = polyhedron_->multipliers(sign * c);
      for (std::size_t i = 0; i < equations_.size(); ++i) {
        if (y(static_cast<Index>(i)) != 0) rests_on[i] = true;
      }
    }

    // The vertex is a table that agrees with everything shown: what it says of each fact is
    // possible.
    void witness() {
      const Vector& x = polyhedron_->point();
      std::vector<double> table(variable_.size(), 0);
      for (std::size_t at = 0; at < table.size(); ++at) {
        if (variable_[at] >= 0) {
          table[at] = x(variable_[at]);
        } else if (told_by_[at] != kNone) {
          table[at] = static_cast<double>(p_.count(at));
        }
      }
      tell(table);
      p_.remember(std::move(table));
    }

    // Earlier vertices that agree with what is shown now.
    void recall(Monitor& monitor) {
      constexpr double kRounding = 1e-6;
      for (const std::vector<double>& table : p_.witnesses_) {
        monitor.poll();
        bool agrees = true;
        for (const Fact& fact : p_.facts_) {
          if (!fact.shown) continue;
          double value = 0;
          p_.each_cell(fact.row, fact.cells, [&](std::size_t at) { value += table[at]; });
          agrees = std::abs(value - static_cast<double>(fact.value)) <= kRounding;
          if (!agrees) break;
        }
        if (agrees) tell(table);
      }
    }

    void tell(const std::vector<double>& table) {
      for (Fact& fact : p_.facts_) {
        if (fact.shown || p_.open_enough(fact)) continue;
        double value = 0;
        p_.each_cell(fact.row, fact.cells, [&](std::size_t at) { value += table[at]; });
        fact.low = std::min(fact.low, value);
        fact.high = std::max(fact.high, value);
      }
    }

    bool touched(const std::vector<bool>& rests_on, const std::vector<std::size_t>& more) const {
      const auto taken = [&](std::size_t f) {
        return std::find(more.begin(), more.end(), f) != more.end();
      };
      for (std::size_t i = 0; i < equations_.size(); ++i) {
        if (!rests_on[i]) continue;
        const Equation& equation = equations_[i];
        if (taken(equation.fact) ||
            std::any_of(equation.reasons.begin(), equation.reasons.end(), taken)) {
          return true;
        }
      }
      return false;
    }

    // Of the shown facts that a range rests on, the one whose loss costs least; the total last.
    std::size_t cheapest(const Fact& fact, const std::vector<bool>& rests_on) const {
      std::size_t best = kNone;
      double least = kInfinity;
      const auto consider = [&](std::size_t f) {
        if (f == kNone) return;
        const double cost = f == kTotal ? 1e300 : cost_of(p_.facts_[f], fact);
        if (cost >= least) return;
        least = cost;
        best = f;
      };
      for (std::size_t i = 0; i < equations_.size(); ++i) {
        if (!rests_on[i]) continue;
        consider(equations_[i].fact);
        for (const std::size_t f : equations_[i].reasons) consider(f);
      }
      p_.each_cell(fact.row, fact.cells, [&](std::size_t at) { consider(told_by_[at]); });
      return best;
    }

    // The people of the row, whose panel is lost; dearer when it is another one than the panel that
    // is to be guarded, and dearest when the row is lost with it.
    double cost_of(const Fact& fact, const Fact& guarded) const {
      constexpr double kOtherPanel = 4;
      constexpr double kRow = 16;
      const auto n = static_cast<double>(p_.people_of(fact).value + 1);
      if (fact.panel == guarded.panel) return n;
      return n * (fact.panel == Panel::People ? kRow : kOtherPanel);
    }

    Publication& p_;
    std::vector<std::size_t> told_by_;  // by cell of a part: the fact, kNone for a variable
    std::vector<Index> variable_;       // by cell of a part: its number, -1
    Index variables_ = 0;
    std::vector<double> inside_;  // the true table
    std::vector<Equation> equations_;
    std::unique_ptr<Polyhedron> polyhedron_;
  };

  std::span<const PartCounts> parts_;
  std::span<const std::vector<std::int32_t>> rows_;
  std::int64_t k_;
  std::size_t bytes_;
  CellSet used_;
  std::vector<Fact> facts_;
  std::vector<std::vector<std::size_t>> facts_of_row_;
  bool total_known_ = true;
  std::vector<std::vector<double>> witnesses_;  // tables that agreed with what was shown
  std::size_t next_witness_ = 0;
  double work_ = 0;
};

}  // namespace

PartCounts part_counts(const Cells& cells, std::int64_t unknown_weight) noexcept {
  PartCounts result{};
  std::copy(std::begin(cells.count), std::end(cells.count), result.begin());
  result[kCells] = unknown_weight;
  return result;
}

std::span<const PublishedCount> published_by_group() noexcept {
  return kByGroup;
}

std::span<const PublishedCount> published_selection() noexcept {
  return kSelection;
}

bool Withheld::count(CellSet cells) const noexcept {
  return row_ || std::find(counts_.begin(), counts_.end(), static_cast<CellSet>(cells & used_)) !=
                     counts_.end();
}

bool Withheld::rate(Rate which) const noexcept {
  if (which == Rate::BalancedAccuracy) {
    return rate(Rate::TruePositiveRate) || rate(Rate::TrueNegativeRate);
  }
  if (which == Rate::F1) return count(kTp) || count(kFp) || count(kFn);
  const RateCells cells = cells_of(which);
  return count(cells.part) || count(cells.whole) ||
         count(static_cast<CellSet>(cells.whole & ~cells.part));
}

std::vector<Withheld> withhold(std::span<const PartCounts> parts,
                               std::span<const std::vector<std::int32_t>> rows,
                               std::span<const PublishedCount> shown,
                               std::int64_t k,
                               std::size_t bytes,
                               Monitor& monitor) {
  if (k == 0 || rows.empty()) return std::vector<Withheld>(rows.size());
  if (rows.size() > kMaxPublishedRows || parts.size() > kMaxPublishedRows) {
    throw Error(ErrorKind::TooLarge,
                "small groups can be hidden among " + std::to_string(kMaxPublishedRows) +
                    " rows at most, these are " + std::to_string(rows.size()) + " of " +
                    std::to_string(parts.size()) + " combinations",
                "Use fewer attributes, or coarser groups.");
  }
  Publication publication(parts, rows, shown, k, bytes);
  publication.protect(monitor);
  return publication.result();
}

std::vector<Withheld> withhold(const Confusion& confusion,
                               std::span<const PublishedCount> shown,
                               std::int64_t k,
                               Monitor& monitor) {
  constexpr std::size_t kBytes = std::size_t{1} << 20;  // for one group
  std::vector<Withheld> result(confusion.groups.size());
  if (k == 0) return result;
  std::vector<PartCounts> parts;
  std::vector<std::int64_t> people;
  for (const GroupCells& group : confusion.groups) {
    const PartCounts& counts = parts.emplace_back(part_counts(group.counts, group.unknown_weight));
    std::int64_t n = 0;
    for (std::size_t c = 0; c < kPublishedCells; ++c) {
      if ((shown[0].cells >> c & 1U) != 0) n += counts[c];
    }
    people.push_back(n);
  }
  const std::vector<bool> hidden = hidden_groups(people, k);
  const std::vector<std::vector<std::int32_t>> one = {{0}};
  for (std::size_t g = 0; g < result.size(); ++g) {
    monitor.poll();
    if (hidden[g]) {
      result[g] = Withheld(true, kAllCells | kUnknownWeight, {});
      continue;
    }
    const bool small = std::any_of(parts[g].begin(), parts[g].end(),
                                   [&](std::int64_t n) { return too_few(n, k); });
    if (!small) continue;
    result[g] = withhold(std::span(&parts[g], 1), one, shown, k, kBytes, monitor)[0];
  }
  return result;
}

std::vector<bool> without_selections(const std::vector<Withheld>& withheld) {
  std::vector<bool> result;
  result.reserve(withheld.size());
  for (const Withheld& w : withheld) result.push_back(w.rate(Rate::SelectionRate));
  return result;
}

}  // namespace fairdb
