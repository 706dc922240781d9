import io.trino.plugin.memory.MemoryPlugin;
import io.trino.server.testing.TestingTrinoServer;
import java.io.PrintStream;
import java.util.Map;

/**
 * Trino on a free port of 127.0.0.1, with a memory catalog. Prints its address; ends with its input,
 * so with whoever started it, however that one ended.
 */
public final class TrinoServer {
    public static void main(String[] arguments) throws Exception {
        PrintStream output = System.out; // the server sends System.out to its log
        Map<String, String> properties = Map.of("query.max-memory", "1GB");
        try (TestingTrinoServer server = TestingTrinoServer.builder().setProperties(properties).build()) {
            server.installPlugin(new MemoryPlugin());
            server.createCatalog("memory", "memory", Map.of("memory.max-data-per-node", "256MB"));
            output.println(server.getBaseUrl());
            while (System.in.read() >= 0) {
                continue;
            }
        }
        System.exit(0);
    }
}
