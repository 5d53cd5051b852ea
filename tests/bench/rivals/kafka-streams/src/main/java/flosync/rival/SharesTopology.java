package flosync.rival;

import flosync.rival.Records.Agreement;
import flosync.rival.Records.Contract;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.processor.api.ContextualFixedKeyProcessor;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorContext;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/**
 * Specialist shares by municipality, county and nation.
 *
 * <p>Doctor periods join contracts for the municipality and specialists for the share, both by foreign key; the
 * agreements are summed up by municipality, these by county, these for the nation.
 */
final class SharesTopology {
  private static final String KNOWN_SPECIALISTS = "known-specialists";
  /** Not the empty text, which foreign-key joins take for no value. */
  private static final String SPECIALIST = "1";
  private static final Consumed<String, byte[]> RAW = Consumed.with(Serdes.String(), Serdes.ByteArray());

  private final Records records;
  private final AtomicLong read;

  /** An agreement in its municipality, and whether its doctor is a specialist. */
  private record Placed(String municipality, String doctor) {}

  private record Rated(String municipality, boolean specialist) {}

  /** `read` counts the records read. */
  SharesTopology(Records records, AtomicLong read) {
    this.records = records;
    this.read = read;
  }

  void build(StreamsBuilder builder, String output) {
    KTable<String, Rated> rated = rate(readAgreements(builder), readContracts(builder), readSpecialists(builder));
    KTable<String, Share> municipalities =
        rated
            .groupBy(
                (period, agreement) -> KeyValue.pair(agreement.municipality(), Share.of(agreement.specialist())),
                Grouped.with(Serdes.String(), Share.serde()))
            .aggregate(
                () -> Share.NONE, (k, v, sum) -> sum.plus(v), (k, v, sum) -> sum.minus(v), kept("municipalities"));
    KTable<String, Share> counties = sumUp(municipalities, "counties", 2);
    KTable<String, Share> nation = sumUp(counties, "nation", 0);
    write(municipalities, "municipality/", output);
    write(counties, "county/", output);
    write(nation, "nation/NO", output);
  }

  private static Materialized<String, Share, KeyValueStore<Bytes, byte[]>> kept(
      String name) {
    return Materialized.<String, Share, KeyValueStore<Bytes, byte[]>>as(name)
        .withKeySerde(Serdes.String())
        .withValueSerde(Share.serde());
  }

  /** The shares of areas in the areas that their codes begin with. */
  private static KTable<String, Share> sumUp(KTable<String, Share> shares, String name, int codeLength) {
    return shares
        .groupBy(
            (code, share) -> KeyValue.pair(code.substring(0, codeLength), share),
            Grouped.with(Serdes.String(), Share.serde()))
        .aggregate(() -> Share.NONE, (k, v, sum) -> sum.plus(v), (k, v, sum) -> sum.minus(v), kept(name));
  }

  private static void write(KTable<String, Share> shares, String prefix, String output) {
    shares
        .toStream((code, share) -> prefix + code)
        .mapValues(Share::toString)
        .to(output, Produced.with(Serdes.String(), Serdes.String()));
  }

  private KTable<String, Rated> rate(
      KTable<String, Agreement> agreements, KTable<String, Contract> contracts, KTable<String, String> specialists) {
    Serde<Placed> placedSerde =
        Texts.serde(p -> p.municipality() + "/" + p.doctor(), t -> new Placed(part(t, 0), part(t, 1)));
    Serde<Rated> ratedSerde =
        Texts.serde(r -> r.municipality() + "/" + r.specialist(), t -> new Rated(part(t, 0), part(t, 1).equals("true")));
    return agreements
        .join(
            contracts,
            Agreement::contract,
            (agreement, contract) -> new Placed(contract.municipality(), agreement.doctor()),
            Materialized.with(Serdes.String(), placedSerde))
        .leftJoin(
            specialists,
            Placed::doctor,
            (placed, specialist) -> new Rated(placed.municipality(), specialist != null),
            Materialized.with(Serdes.String(), ratedSerde));
  }

  private static String part(String text, int which) {
    return text.split("/", 2)[which];
  }

  /** Who is a specialist, by HPR number. Only what changes goes on: most versions of a person change nothing here. */
  private KTable<String, String> readSpecialists(StreamsBuilder builder) {
    builder.addStateStore(
        Stores.keyValueStoreBuilder(
                Stores.persistentKeyValueStore(KNOWN_SPECIALISTS), Serdes.String(), Serdes.String())
            .withCachingEnabled());
    return builder.stream("hpr.person", RAW)
        .processValues(SpecialistChanges::new, KNOWN_SPECIALISTS)
        .toTable(Materialized.with(Serdes.String(), Serdes.String()));
  }

  private KTable<String, Contract> readContracts(StreamsBuilder builder) {
    return builder.stream("flo.contract", RAW)
        .mapValues(
            value -> {
              read.incrementAndGet();
              return value == null ? null : records.readContract(value);
            })
        .toTable(Materialized.with(Serdes.String(), Texts.serde(Contract::municipality, Contract::new)));
  }

  private KTable<String, Agreement> readAgreements(StreamsBuilder builder) {
    Serde<Agreement> serde =
        Texts.serde(a -> a.contract() + "/" + a.doctor(), t -> new Agreement(part(t, 0), part(t, 1)));
    return builder.stream("flo.gp-on-contract", RAW)
        .process(AgreementsById::new)
        .toTable(Materialized.with(Serdes.String(), serde));
  }

  private final class SpecialistChanges extends ContextualFixedKeyProcessor<String, byte[], String> {
    private KeyValueStore<String, String> known;

    @Override
    public void init(FixedKeyProcessorContext<String, String> context) {
      super.init(context);
      known = context.getStateStore(KNOWN_SPECIALISTS);
    }

    @Override
    public void process(FixedKeyRecord<String, byte[]> person) {
      read.incrementAndGet();
      String now = person.value() != null && records.isSpecialist(person.value()) ? SPECIALIST : null;
      if ((known.get(person.key()) == null) == (now == null)) return;
      known.put(person.key(), now);
      context().forward(person.withValue(now));
    }
  }

  /** Keys doctor periods, which come by contract, by their own number; a tombstone names it in a header. */
  private final class AgreementsById extends ContextualProcessor<String, byte[], String, Agreement> {
    @Override
    public void process(Record<String, byte[]> period) {
      read.incrementAndGet();
      if (period.value() != null) {
        String id = Records.readPeriodId(period.value());
        context().forward(period.withKey(id).withValue(records.readAgreement(period.value())));
        return;
      }
      Header id = period.headers().lastHeader("id");
      if (id == null) return;
      context().forward(period.withKey(new String(id.value(), StandardCharsets.UTF_8)).withValue((Agreement) null));
    }
  }
}
