using System.Collections.Immutable;
using Fn.Api.Json;

namespace Fn.Api.Annotations;

/// <summary>The annotations that answers get from the server: where a function or trigger is called. They are never stored.</summary>
internal static class EndpointAnnotations
{
    public const string Invoke = "fnproject.io/fn/invokeEndpoint";
    public const string HttpTrigger = "fnproject.io/trigger/httpEndpoint";

    /// <summary>The annotations with a URL among them.</summary>
    public static ImmutableSortedDictionary<string, string> With(ImmutableSortedDictionary<string, string> annotations, string key, string url)
    {
        var json = new JsonTextWriter();
        json.String(url);
        return annotations.SetItem(key, json.ToString());
    }
}
