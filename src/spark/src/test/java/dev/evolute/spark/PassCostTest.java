package dev.evolute.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.evolute.spark.PassCost.Network;
import dev.evolute.spark.PassCost.Stage;
import dev.evolute.spark.PassCost.Timed;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PassCostTest {
  private static List<Timed> timed(PassCost cost) {
    List<Timed> all = new ArrayList<>();
    for (double parameters : new double[] {1e4, 1e5, 1e6, 1e7}) {
      for (int shards = 1; shards <= 4; shards++) {
        all.add(new Timed(shards, parameters, cost.seconds(shards, parameters)));
      }
    }
    return all;
  }

  private static void assertClose(PassCost expected, PassCost cost) {
    assertEquals(expected.once(), cost.once(), 1e-9 * Math.abs(expected.once()));
    assertEquals(expected.task(), cost.task(), 1e-8 * Math.abs(expected.task()));
    assertEquals(expected.out(), cost.out(), 1e-8 * Math.abs(expected.out()));
    assertEquals(expected.back(), cost.back(), 1e-8 * Math.abs(expected.back()));
  }

  @Test
  void whatWasTimedByTheModelGivesTheModel() {
    PassCost cost = new PassCost(0.01, 0.002, 3e-8, 1e-8);
    assertClose(cost, PassCost.fit(timed(cost)));
    PassCost cheap = new PassCost(0.01, 0, 3e-8, 1e-8);
    assertEquals(0, PassCost.fit(timed(cheap)).task(), 1e-9);
    // A term that would be negative is none.
    assertEquals(0, PassCost.fit(timed(new PassCost(0.05, -0.001, 3e-8, 1e-8))).task());
  }

  @Test
  void stagesAreThoseOfTheJobs() {
    assertEquals(List.of(new Stage(16, 16)), Stage.of(16));
    assertEquals(List.of(new Stage(17, 16), new Stage(2, 2)), Stage.of(17));
    assertEquals(List.of(new Stage(1000, 16), new Stage(63, 16), new Stage(4, 4)), Stage.of(1000));
    PassCost cost = new PassCost(1, 1e-3, 0, 1e-9);
    assertEquals(3 + 1.067 + 36e-9 * 1e6, cost.seconds(1000, 1e6), 1e-12);
  }

  @Test
  void aBroadcastTakesAsManyRoundsAsItDoublesAndPiecesFollowEachOther() {
    Network network = new Network("", 1e9, 0);
    assertEquals(1e-3, network.broadcast(1, 1e6), 1e-15);
    assertEquals(2e-3, network.broadcast(3, 1e6), 1e-15);
    assertEquals(10e-3, network.broadcast(1000, 1e6), 1e-15);
    // Ten pieces: the last one leaves after nine others, and takes ten rounds.
    double bytes = 10 * Network.PIECE;
    assertEquals(19 * Network.PIECE / 1e9, network.broadcast(1000, bytes), 1e-12);
  }
}
