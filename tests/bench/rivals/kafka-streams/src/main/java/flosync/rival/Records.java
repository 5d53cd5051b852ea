package flosync.rival;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.Set;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** What the shares need of the records of HPR and FLO, as of one day. Thread-safe. */
final class Records {
  /** A contract that is valid on the day. */
  record Contract(String municipality) {}

  /** An LPFL period that is valid on the day. */
  record Agreement(String contract, String doctor) {}

  private static final Set<String> SUSPENDING = Set.of("1", "5", "8");
  private static final Set<String> UNCOUNTED_APPROVALS = Set.of("3", "99");
  private static final String GENERAL_PRACTICE = "1";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final LocalDate today;

  Records(LocalDate today) {
    this.today = today;
  }

  /** Approved specialist in general practice on the day. */
  boolean isSpecialist(byte[] value) {
    JsonNode person = readJson(value);
    String death = person.path("person").path("dødsdato").asText("");
    if (!death.isEmpty() && !death.equals("null") && !LocalDate.parse(death).isAfter(today)) return false;
    if (suspended(person)) return false;
    for (JsonNode approval : person.path("godkjenninger")) {
      if (!approval.path("helsepersonellkategori").path("verdi").asText().equals("LE")) continue;
      if (UNCOUNTED_APPROVALS.contains(approval.path("autorisasjon").path("verdi").asText())) continue;
      if (!holds(approval)) continue;
      for (JsonNode speciality : approval.path("spesialistgodkjenninger")) {
        if (isGeneralPractice(speciality.path("type")) && holds(speciality)) return true;
      }
    }
    return false;
  }

  /** Null if it is not valid on the day. */
  Contract readContract(byte[] value) {
    if (isXml(value)) {
      Document document = readXml(value);
      return validXml(document) ? new Contract(padded(codeXml(document, "Municipality"))) : null;
    }
    JsonNode contract = readJson(value);
    if (!validFlr(contract.path("Valid"))) return null;
    return new Contract(padded(contract.path("Municipality").path("CodeValue").asText()));
  }

  /** The number of a doctor period. */
  static String readPeriodId(byte[] value) {
    return isXml(value) ? textXml(readXml(value), "Id") : readJson(value).path("Id").asText();
  }

  /** Null if nobody is GP by it on the day. */
  Agreement readAgreement(byte[] value) {
    if (isXml(value)) {
      Document document = readXml(value);
      if (!codeXml(document, "Relationship").equals("LPFL") || !validXml(document)) return null;
      return new Agreement(textXml(document, "GPContractId"), textXml(document, "HprNumber"));
    }
    JsonNode period = readJson(value);
    if (!period.path("Relationship").path("CodeValue").asText().equals("LPFL")) return null;
    if (!validFlr(period.path("Valid"))) return null;
    return new Agreement(period.path("GPContractId").asText(), period.path("HprNumber").asText());
  }

  private boolean holds(JsonNode approval) {
    JsonNode ended = approval.path("avsluttetStatus");
    if (!ended.isMissingNode() && !ended.isNull()) return false;
    return inHprPeriod(approval.path("periode")) && !suspended(approval);
  }

  private boolean suspended(JsonNode entity) {
    for (JsonNode reaction : entity.path("administrativeReaksjoner")) {
      boolean suspends = SUSPENDING.contains(reaction.path("type").path("verdi").asText());
      if (suspends && inHprPeriod(reaction.path("periode"))) return true;
    }
    return false;
  }

  private static boolean isGeneralPractice(JsonNode type) {
    JsonNode system = type.path("kodeverk").path("id");
    boolean right = system.isMissingNode() || system.isNull() || system.asText().equals("7426");
    return right && type.path("verdi").asText().equals(GENERAL_PRACTICE);
  }

  /** HPR's last day is inside the period. */
  private boolean inHprPeriod(JsonNode period) {
    JsonNode to = period.path("til");
    boolean begun = !LocalDate.parse(period.path("fra").asText()).isAfter(today);
    return begun && (to.isMissingNode() || to.isNull() || !LocalDate.parse(to.asText()).isBefore(today));
  }

  private boolean validFlr(JsonNode valid) {
    JsonNode to = valid.path("To");
    String end = to.isMissingNode() || to.isNull() ? "" : to.asText();
    return inFlrPeriod(valid.path("From").asText(), end);
  }

  private boolean validXml(Document document) {
    Element valid = (Element) document.getElementsByTagName("Valid").item(0);
    return inFlrPeriod(textXml(valid, "a:From"), textXml(valid, "a:To"));
  }

  /** FLR's end is outside the period; one with a time of day is rounded up to the next day. */
  private boolean inFlrPeriod(String from, String to) {
    if (LocalDateTime.parse(from).toLocalDate().isAfter(today)) return false;
    if (to.isEmpty()) return true;
    LocalDateTime end = LocalDateTime.parse(to);
    LocalDate day = end.toLocalTime().equals(LocalTime.MIDNIGHT) ? end.toLocalDate() : end.toLocalDate().plusDays(1);
    return day.isAfter(today);
  }

  private static String padded(String municipality) {
    return "0".repeat(Math.max(0, 4 - municipality.length())) + municipality;
  }

  private static boolean isXml(byte[] value) {
    return value.length > 0 && value[0] == '<';
  }

  private static JsonNode readJson(byte[] value) {
    try {
      return JSON.readTree(value);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Document readXml(byte[] value) {
    try {
      return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new ByteArrayInputStream(value));
    } catch (Exception e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static String codeXml(Document document, String element) {
    return textXml((Element) document.getElementsByTagName(element).item(0), "a:CodeValue");
  }

  private static String textXml(Document document, String name) {
    return textXml(document.getDocumentElement(), name);
  }

  private static String textXml(Element element, String name) {
    NodeList found = element.getElementsByTagName(name);
    return found.getLength() == 0 ? "" : found.item(0).getTextContent();
  }
}
