using Fn.Api.Annotations;
using Fn.Api.Json;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Api.Functions;

/// <summary>A function as answers show it. Clients see two quirks of the original here, and both are kept.</summary>
internal static class FunctionJson
{
    /// <param name="json">Where to.</param>
    /// <param name="function">The function.</param>
    /// <param name="address">The base of its invoke endpoint; null where an answer has none (an update's).</param>
    /// <param name="read">Whether the answer is to a read: an empty config is null then, and <c>{}</c> in an answer to a write.</param>
    public static void Write(JsonTextWriter json, Function function, string? address, bool read)
    {
        json.StartObject();
        json.Field("id", function.Id);
        json.Field("name", function.Name);
        json.Field("app_id", function.AppId);
        json.Field("image", function.Image);
        json.Field("memory", function.Memory);
        json.Field("timeout", function.Timeout);
        json.Field("idle_timeout", function.IdleTimeout);
        json.Name("config");
        if (read && function.Config.IsEmpty)
            json.Null();
        else
            StringMap.WriteStrings(json, function.Config);
        WriteAnnotations(json, function, address);
        json.Field("created_at", function.CreatedAt);
        if (function.Shape.Length > 0)
            json.Field("shape", function.Shape);
        json.Field("updated_at", function.UpdatedAt);
        if (function.Format != FunctionFormat.HttpStream)
            json.Field("format", function.Format);
        if (MinHotRule.Read(function.Annotations) is > 0 and var count)
            json.Field("min_hot", count);
        json.EndObject();
    }

    private static void WriteAnnotations(JsonTextWriter json, Function function, string? address)
    {
        var annotations = address is null
            ? function.Annotations
            : EndpointAnnotations.With(function.Annotations, EndpointAnnotations.Invoke, $"{address}/invoke/{function.Id}");
        if (annotations.IsEmpty)
            return;
        json.Name("annotations");
        StringMap.WriteValues(json, annotations);
    }
}
