// One batch of triples: its loss, the derivatives, and a step of AdaGrad (train.hpp).
//
// The work is three products of matrices for each side, queries x negatives: scores, and the
// derivatives by the queries and by the negatives. They are cut into parts for threads; each
// element is the same sum whatever the parts.
#pragma once

#include <array>
#include <span>

#include "core/base/random.hpp"
#include "core/base/thread_team.hpp"
#include "core/graph/fair_training.hpp"
#include "core/graph/train.hpp"

namespace fairdb {

class SoftmaxBatch {
 public:
  // What is learnt: all, or of the entities those that are set, and no relation. Then triples
  // without a learnt entity count as weight_of_others each. fair: or null.
  SoftmaxBatch(const GraphOptions& options,
               GraphVectors& vectors,
               const std::vector<bool>* learnt,
               double weight_of_others,
               FairTraining* fair,
               ThreadTeam& team,
               Monitor& monitor);

  struct Loss {
    double cross_entropy = 0;
    std::int64_t sides = 0;        // of triples, that count
    double divergence = 0;         // of the penalty, unweighted
    std::int64_t divergences = 0;  // of how many persons and attributes

    Loss& operator+=(const Loss& other) noexcept {
      cross_entropy += other.cross_entropy;
      sides += other.sides;
      divergence += other.divergence;
      divergences += other.divergences;
      return *this;
    }
  };
  // Takes a step of the rate for at most options.batch triples. Returns the sums of their losses.
  Loss step(std::span<const Triple> triples, double rate, Random& random);

  // Whether all derivatives were within single precision so far: beyond, vectors stand still.
  bool finite() const noexcept;

  static std::size_t bytes(const GraphOptions& options,
                           std::size_t entities,
                           std::size_t relations) noexcept;

 private:
  // What concerns one side of the triples: to find tails of heads, or heads of tails.
  struct Side {
    Direction direction;
    std::vector<std::int32_t> negatives;
    std::vector<std::int32_t> place;  // of each entity among the negatives, or -1
    FloatMatrix candidates;           // negatives x d
    FloatMatrix transposed;           // d x negatives
    FloatMatrix queries;              // rows x d
    FloatMatrix scores;        // rows x (negatives + 1): then shares; the true one comes last
    FloatMatrix by_query;      // the loss by the queries
    FloatMatrix by_candidate;  // and by the candidates
    std::vector<double> losses;
  };
  // What adds to the derivative by a vector: rows of the sides as sources or truths, negatives.
  enum class Role : std::uint8_t { Source, Truth, Candidate };
  struct Contribution {
    std::int32_t slot;
    std::int32_t index;
    Role role;
    std::uint8_t side;
    float share;  // of a vector that is added to a source; else 1
  };
  // Vectors that a batch touches, in the order in which they are met, and what adds to each.
  struct Touched {
    std::vector<std::int32_t> slot_of;  // of each vector, or -1
    std::vector<std::int32_t> rows;
    std::vector<Contribution> list;
    std::vector<Contribution> sorted;
    std::vector<Index> begin;  // in `sorted`, of each slot, and the end

    void touch(std::int32_t row, std::int32_t index, Role role, std::uint8_t side, float share = 1);
    void sort();
    void clear();
  };

  std::int32_t source(const Side& side, const Triple& t) const noexcept {
    return side.direction == Direction::Tails ? t.head : t.tail;
  }
  std::int32_t truth(const Side& side, const Triple& t) const noexcept {
    return side.direction == Direction::Tails ? t.tail : t.head;
  }
  const float* relation(const Side& side, const Triple& t) const noexcept {
    return vectors_.relations.row(relation_row(t.relation, side.direction)).data();
  }
  void draw_negatives(Side& side, Random& random);
  void gather_negatives(Side& side);
  const float* source_vector(const Side& side, const Triple& t, float* buffer) const;
  void find_touched();
  void find_penalized();
  float weight_of(const Side& side, const Triple& t) const noexcept;
  void score_rows(Side& side, Index begin, Index end);
  void differentiate_candidates(Side& side, Index begin, Index end);
  void add(const Contribution& contribution, float* gradient) const;
  void add_regularization(const float* vector, float* gradient) const;
  FloatMatrix differentiate_persons(Index begin, Index end);
  void update_entities(Index begin, Index end);
  void differentiate_relation(Index slot);
  void differentiate_value(Index slot);
  void move(float* vector, const float* gradient, float& accumulated) const;

  const GraphOptions& options_;
  GraphVectors& vectors_;
  const std::vector<bool>* learnt_;
  double weight_of_others_;
  FairTraining* fair_;
  AttributePenalty* penalty_;
  ThreadTeam& team_;
  Monitor& monitor_;
  Index d_;
  Index negatives_;
  std::span<const Triple> triples_;
  double rate_ = 0;
  std::array<Side, 2> sides_;
  std::vector<float> entity_squares_;  // accumulators
  std::vector<float> relation_squares_;
  std::vector<float> value_squares_;
  Touched entities_;
  Touched relations_;
  Touched values_;
  std::vector<char> penalized_;      // by slot of the entities
  std::vector<double> divergences_;  // the same
  FloatMatrix by_relation_;
  FloatMatrix by_value_;
};

}  // namespace fairdb
