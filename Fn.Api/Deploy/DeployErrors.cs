using Fn.Api.Http;

namespace Fn.Api.Deploy;

internal static class DeployErrors
{
    public static readonly ApiError NotUtf8 = new(400, "Invalid func.yaml: it is no UTF-8");
    public static readonly ApiError TooLarge = new(413, $"Invalid func.yaml: larger than {DeployEndpoints.MaxYaml} bytes");

    public static ApiError InvalidYaml(string problem) => new(400, $"Invalid func.yaml: {problem}");

    public static ApiError MissingConfig(string key) => new(400, $"Missing config {key}: func.yaml expects it, and neither the app nor the function has it");
}
