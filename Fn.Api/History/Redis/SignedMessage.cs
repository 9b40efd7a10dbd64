using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Fn.ServiceDefaults.Cluster;
using StackExchange.Redis;

namespace Fn.Api.History.Redis;

/// <summary>JSON with the proof, in a line before it, that a member of the cluster wrote it: whoever can write to Redis can write anything.</summary>
internal sealed class SignedMessage(ClusterKey key)
{
    public byte[] Write<T>(string purpose, T message, JsonTypeInfo<T> type)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(message, type);
        return [.. Encoding.ASCII.GetBytes(key.SignMessage(purpose, json) ?? ""), (byte)'\n', .. json];
    }

    /// <summary>Null: it is none, or nobody of the cluster wrote it.</summary>
    public T? Read<T>(string purpose, RedisValue value, JsonTypeInfo<T> type)
        where T : class
    {
        if (value.IsNull)
            return null;
        var text = ((ReadOnlyMemory<byte>)value).Span;
        var line = text.IndexOf((byte)'\n');
        if (line < 0)
            return null;
        var json = text[(line + 1)..];
        if (!key.VerifyMessage(purpose, json, Encoding.ASCII.GetString(text[..line])))
            return null;
        try
        {
            return JsonSerializer.Deserialize(json, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
