using System.Text;

namespace Fn.Tests.Fakes.Otlp;

/// <summary>Reads what exporters send: the requests of opentelemetry-proto v1, as far as tests look at them.</summary>
internal static class OtlpReader
{
    private delegate void ItemReader(ReadOnlySpan<byte> item, string service, string scope);

    public static List<ReceivedSpan> Spans(ReadOnlySpan<byte> request)
    {
        var spans = new List<ReceivedSpan>();
        ReadItems(request, (item, service, scope) => spans.Add(Span(item, service, scope)));
        return spans;
    }

    public static List<ReceivedLog> Logs(ReadOnlySpan<byte> request)
    {
        var logs = new List<ReceivedLog>();
        ReadItems(request, (item, service, scope) => logs.Add(Log(item, service, scope)));
        return logs;
    }

    public static List<ReceivedMetric> Metrics(ReadOnlySpan<byte> request)
    {
        var metrics = new List<ReceivedMetric>();
        ReadItems(request, (item, service, scope) => metrics.Add(Metric(item, service, scope)));
        return metrics;
    }

    // All three have the same frame: resources, in them scopes, in them the items.
    private static void ReadItems(ReadOnlySpan<byte> request, ItemReader read)
    {
        var resources = new ProtobufReader(request);
        while (resources.Read())
        {
            var service = "";
            var resource = new ProtobufReader(resources.Bytes);
            while (resource.Read())
            {
                if (resource.Field == 1)
                    service = Tags(resource.Bytes, field: 1).GetValueOrDefault("service.name") as string ?? "";
                else if (resource.Field == 2)
                    ReadScope(resource.Bytes, service, read);
            }
        }
    }

    private static void ReadScope(ReadOnlySpan<byte> bytes, string service, ItemReader read)
    {
        var name = "";
        var scope = new ProtobufReader(bytes);
        while (scope.Read())
        {
            if (scope.Field == 1)
                name = Text(scope.Bytes, field: 1);
            else if (scope.Field == 2)
                read(scope.Bytes, service, name);
        }
    }

    private static ReceivedSpan Span(ReadOnlySpan<byte> bytes, string service, string scope)
    {
        var span = new ReceivedSpan { Service = service, Scope = scope };
        var reader = new ProtobufReader(bytes);
        while (reader.Read())
        {
            switch (reader.Field)
            {
                case 1: span.TraceId = reader.Hex; break;
                case 2: span.SpanId = reader.Hex; break;
                case 4: span.ParentId = reader.Hex; break;
                case 5: span.Name = reader.Text; break;
                case 6: span.Kind = (int)reader.Number; break;
                case 7: span.Start = reader.Number; break;
                case 8: span.End = reader.Number; break;
                case 9: AddTag(span.Tags, reader.Bytes); break;
                case 11: span.Events.Add((Text(reader.Bytes, field: 2), Tags(reader.Bytes, field: 3))); break;
                case 13: span.Links.Add((Hex(reader.Bytes, field: 2), Tags(reader.Bytes, field: 4))); break;
                case 15: span.Status = (int)Number(reader.Bytes, field: 3); break;
            }
        }
        return span;
    }

    private static ReceivedLog Log(ReadOnlySpan<byte> bytes, string service, string scope)
    {
        var log = new ReceivedLog { Service = service, Category = scope };
        var reader = new ProtobufReader(bytes);
        while (reader.Read())
        {
            switch (reader.Field)
            {
                case 5: log.Body = Value(reader.Bytes) as string ?? ""; break;
                case 6: AddTag(log.Tags, reader.Bytes); break;
                case 9: log.TraceId = reader.Hex; break;
                case 10: log.SpanId = reader.Hex; break;
            }
        }
        return log;
    }

    private static ReceivedMetric Metric(ReadOnlySpan<byte> bytes, string service, string scope)
    {
        var metric = new ReceivedMetric { Service = service, Scope = scope };
        var reader = new ProtobufReader(bytes);
        while (reader.Read())
        {
            switch (reader.Field)
            {
                case 1: metric.Name = reader.Text; break;
                case 3: metric.Unit = reader.Text; break;
                case 5 or 7: AddPoints(metric, reader.Bytes, tags: 7); break;
                case 9: AddPoints(metric, reader.Bytes, tags: 9); break;
            }
        }
        return metric;
    }

    private static void AddPoints(ReceivedMetric metric, ReadOnlySpan<byte> bytes, int tags)
    {
        var reader = new ProtobufReader(bytes);
        while (reader.Read())
        {
            if (reader.Field != 1)
                continue;
            var value = 0.0;
            var point = new ProtobufReader(reader.Bytes);
            while (point.Read())
            {
                // A histogram's count, a number as integer or as double.
                if ((tags, point.Field) is (9, 4) or (7, 6))
                    value = point.Number;
                else if ((tags, point.Field) is (7, 4))
                    value = point.Double;
                else if ((tags, point.Field) is (9, 7))
                    metric.Bounds = point.Doubles;
            }
            metric.Points.Add((Tags(reader.Bytes, tags), value));
        }
    }

    private static Dictionary<string, object> Tags(ReadOnlySpan<byte> message, int field)
    {
        var tags = new Dictionary<string, object>();
        var reader = new ProtobufReader(message);
        while (reader.Read())
        {
            if (reader.Field == field)
                AddTag(tags, reader.Bytes);
        }
        return tags;
    }

    private static void AddTag(Dictionary<string, object> tags, ReadOnlySpan<byte> pair)
    {
        var (key, value) = ("", (object)"");
        var reader = new ProtobufReader(pair);
        while (reader.Read())
        {
            if (reader.Field == 1)
                key = reader.Text;
            else if (reader.Field == 2)
                value = Value(reader.Bytes);
        }
        tags[key] = value;
    }

    private static object Value(ReadOnlySpan<byte> bytes)
    {
        var reader = new ProtobufReader(bytes);
        if (!reader.Read())
            return "";
        return reader.Field switch
        {
            1 => reader.Text,
            2 => reader.Number != 0,
            3 => reader.Number,
            4 => reader.Double,
            _ => "",
        };
    }

    private static string Text(ReadOnlySpan<byte> message, int field) => Encoding.UTF8.GetString(Bytes(message, field));

    private static string Hex(ReadOnlySpan<byte> message, int field) => Convert.ToHexStringLower(Bytes(message, field));

    private static ReadOnlySpan<byte> Bytes(ReadOnlySpan<byte> message, int field)
    {
        var reader = new ProtobufReader(message);
        while (reader.Read())
        {
            if (reader.Field == field)
                return reader.Bytes;
        }
        return default;
    }

    private static long Number(ReadOnlySpan<byte> message, int field)
    {
        var reader = new ProtobufReader(message);
        while (reader.Read())
        {
            if (reader.Field == field)
                return reader.Number;
        }
        return 0;
    }
}
